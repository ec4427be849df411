import { STATUS_ABSENT, STATUS_CORRUPT, STATUS_NEED } from "../../assembly/shared/status.js";
import { WlsmError } from "../errors.js";
import type { Scan } from "../kernel/contract.js";
import { copyOf } from "./bytes.js";
import type { Engine } from "./engine.js";
import { corruption, guard, tableCorruption } from "./failure.js";
import { walName } from "./files.js";
import { LogReader } from "./log.js";
import { Manifest, walIdentity } from "./manifest.js";
import { compareBytes } from "./range.js";
import { Superversion } from "./superversion.js";
import { TableFile } from "./table-file.js";

export interface VerifyReport {
	readonly ok: boolean;
	readonly problems: readonly { readonly file: string; readonly message: string }[];
	readonly tables: number;
	readonly bytes: number;
}

const PAGE_ENTRIES = 1024;
const PAGE_BYTES = 1 << 18;

/** Checks every file of an open database. Damage is reported; only a failure to look throws. */
export function verifyEngine(engine: Engine): VerifyReport {
	const problems: { file: string; message: string }[] = [];
	const check = (file: string, action: () => void) => {
		try {
			action();
		} catch (error) {
			if (!(error instanceof WlsmError) || error.code !== "WLSM_CORRUPTION") throw error;
			problems.push({ file: error.file ?? file, message: error.message });
		}
	};
	const { storage, directory, kernel } = engine;
	let tables = 0;
	let bytes = 0;
	check(directory, () => Manifest.recover(storage, directory, kernel).close());
	for (const level of engine.superversion.levels) {
		for (const table of level) {
			tables += 1;
			bytes += table.description.size;
			check(table.path, () => verifyTable(engine, table));
		}
	}
	if (!engine.readOnly) check(directory, () => verifyLog(engine));
	return { ok: problems.length === 0, problems, tables, bytes };
}

/** Reads a table from the disk once more, past the cache, block by block. */
function verifyTable(engine: Engine, table: TableFile): void {
	const { kernel, storage } = engine;
	const { description, path } = table;
	const again = new TableFile(storage, kernel, path, description);
	const superversion = new Superversion(kernel, [], [[again]]);
	let scan: Scan | undefined;
	try {
		scan = kernel.createScan({
			superversion: superversion.handle,
			sequence: Number.MAX_SAFE_INTEGER,
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
				again.readSync(kernel.need);
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

function verifyLog(engine: Engine): void {
	const { storage, directory, kernel, manifest } = engine;
	const number = engine.logNumber;
	const path = storage.join(directory, walName(number));
	const identity = walIdentity(kernel, manifest.state.databaseId, number);
	if (!storage.exists(path)) throw corruption(path, undefined, "the log is missing");
	const reader = guard("open", path, () => new LogReader(storage.openRead(path), kernel, identity));
	try {
		reader.readHeader();
		while (reader.next() !== undefined) {}
		if (!reader.torn) return;
		throw new WlsmError("WLSM_CORRUPTION", `${path}, offset ${reader.offset}: the log is damaged.`, {
			file: path,
			offset: reader.offset,
		});
	} finally {
		reader.close();
	}
}
