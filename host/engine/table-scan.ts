import { STATUS_ABSENT, STATUS_CORRUPT, STATUS_NEED } from "../../assembly/shared/status.js";
import { WlsmError } from "../errors.js";
import type { Kernel, Scan } from "../kernel/contract.js";
import { copyOf } from "./bytes.js";
import { tableCorruption } from "./failure.js";
import { compareBytes } from "./range.js";
import { Superversion } from "./superversion.js";
import type { TableFile } from "./table-file.js";

const PAGE_ENTRIES = 1024;
const PAGE_BYTES = 1 << 18;

/**
 * Reads all of a table as the kernel does for whoever asks, block by block, and throws at the first damage. `table` is one that
 * nothing has been read of, and is disposed of; its bytes are read by the file of `source`.
 */
export function scanTable(kernel: Kernel, table: TableFile, source: TableFile): void {
	const { path } = table;
	const superversion = new Superversion(kernel, [], [[table]]);
	let scan: Scan | undefined;
	try {
		scan = kernel.createScan({
			superversion: superversion.handle,
			sequence: Number.MAX_SAFE_INTEGER,
			now: 0,
			lower: undefined,
			upper: undefined,
			reverse: false,
			skipKeyBytes: 0,
		});
		let last: Uint8Array | undefined;
		for (;;) {
			const status = scan.fill(PAGE_ENTRIES, PAGE_BYTES);
			if (status === STATUS_ABSENT) break;
			if (status === STATUS_NEED) {
				source.readSync(kernel.need);
				continue;
			}
			if (status === STATUS_CORRUPT) throw tableCorruption(path, kernel.damage);
			const { page } = kernel;
			for (let index = 0; index < page.count; index++) {
				const start = page.bounds[page.boundsAt + 2 * index] as number;
				const end = page.bounds[page.boundsAt + 2 * index + 1] as number;
				const key = page.bytes.subarray(page.at + start, page.at + end);
				checkOrder(table, last, key);
				last = copyOf(key, 0, key.length);
			}
		}
	} finally {
		scan?.free();
		superversion.release();
	}
}

function checkOrder({ description, path }: TableFile, last: Uint8Array | undefined, key: Uint8Array): void {
	const wrong =
		(last !== undefined && compareBytes(last, key) >= 0) ||
		compareBytes(key, description.smallest) < 0 ||
		compareBytes(key, description.largest) > 0;
	if (!wrong) return;
	throw new WlsmError(
		"WLSM_CORRUPTION",
		`${path}: keys are out of order, or outside the range that the manifest says.`,
		{
			file: path,
		},
	);
}
