import { BOUND_MAX_BYTES } from "../../../assembly/shared/format.js";
import {
	STATUS_ABSENT,
	STATUS_CORRUPT,
	STATUS_DONE,
	STATUS_EXPIRING,
	STATUS_NEED,
} from "../../../assembly/shared/status.js";
import { WlsmError } from "../../errors.js";
import type { Kernel, Overlay, Page, Status, Superversion } from "../contract.js";
import { checkBytes, checkKey, checkSequence, NEWEST_SEQUENCE } from "./checks.js";

/**
 * Fills `target` with the bytes of table file `file` from `offset` on. Throws where it cannot: what it throws ends the read. It may use the
 * kernel for something else.
 */
export type ReadTable = (file: number, offset: number, target: Uint8Array) => void;

/** How a read looks at a superversion. */
export interface ViewOptions {
	/** The newest sequence number that is seen; all of them where it is absent. */
	readonly sequence?: number;
	/** Unix milliseconds: what has expired by then is absent. `Date.now()` where it is absent. */
	readonly now?: number;
	/** Reads files of tables. Only a superversion that names none can do without it. */
	readonly read?: ReadTable;
}

/** What a scan goes over, and how. */
export interface RangeOptions extends ViewOptions {
	/** Where the range begins, inclusive; open where it is absent. */
	readonly lower?: Uint8Array;
	/** Where it ends, exclusive; open where it is absent. */
	readonly upper?: Uint8Array;
	/** From the last entry to the first; from the first on where it is absent. */
	readonly reverse?: boolean;
	/** A transaction's own writes, which are seen over those of the superversion. */
	readonly overlay?: Overlay;
}

/** Reads what the kernel has answered NEED for to where it wants it: the call that asked can be resumed then. */
export function serveNeed(kernel: Kernel, read: ReadTable | undefined): void {
	const { file, offset, length, target, at } = kernel.need;
	if (read === undefined)
		throw new WlsmError(
			"WLSM_INVALID_ARGUMENT",
			`Bytes of table file ${file} are needed. Give a function read(file, offset, target).`,
		);
	read(file, offset, target.subarray(at, at + length));
}

/**
 * The value of a key, copied; undefined where there is none, or a deletion, or it has expired.
 *
 * Errors: `WLSM_CORRUPTION` where a table is damaged, `WLSM_INVALID_ARGUMENT`, `WLSM_OUT_OF_MEMORY`, and what `read` throws.
 */
export function getValue(
	kernel: Kernel,
	superversion: Superversion,
	key: Uint8Array,
	options: ViewOptions = {},
): Uint8Array | undefined {
	const { sequence = NEWEST_SEQUENCE, now = Date.now(), read } = options;
	checkKey(key);
	checkSequence(sequence);
	const operation = kernel.createGet();
	try {
		kernel.keyBytes.set(key, kernel.keyAt);
		let status = operation.start(superversion, key.length, sequence);
		// `read` may call the kernel, also for other keys.
		if (status === STATUS_NEED) operation.detach();
		while (status === STATUS_NEED) {
			serveNeed(kernel, read);
			status = operation.resume();
		}
		if (status === STATUS_CORRUPT) throw damaged(kernel);
		if (status === STATUS_EXPIRING && kernel.resultExpiry() <= now) return undefined;
		if (status !== STATUS_DONE && status !== STATUS_EXPIRING) return undefined;
		const { bytes, at, length } = kernel.result;
		return new Uint8Array(bytes.subarray(at, at + length));
	} finally {
		operation.free();
	}
}

const PAGE_ENTRIES = 256;
const PAGE_BYTES = 64 << 10;

/**
 * Entries from `lower` to before `upper`, in ascending or `reverse` order, copied. The scan begins when the first one is asked for; the
 * superversion must stay until it has ended.
 *
 * Errors: `WLSM_INVALID_ARGUMENT` at once; with the entries `WLSM_CORRUPTION` where a table is damaged, `WLSM_OUT_OF_MEMORY`, and what `read` throws.
 */
export function scanEntries(
	kernel: Kernel,
	superversion: Superversion,
	options: RangeOptions = {},
): Generator<[key: Uint8Array, value: Uint8Array], void> {
	const { lower, upper, sequence = NEWEST_SEQUENCE } = options;
	for (const bound of [lower, upper]) if (bound !== undefined) checkBytes("bound", bound, BOUND_MAX_BYTES);
	checkSequence(sequence);
	return scanFrom(kernel, superversion, options);
}

function* scanFrom(
	kernel: Kernel,
	superversion: Superversion,
	options: RangeOptions,
): Generator<[key: Uint8Array, value: Uint8Array], void> {
	const { overlay, lower, upper, reverse = false, sequence = NEWEST_SEQUENCE, now = Date.now(), read } = options;
	const scan = kernel.createScan({ superversion, overlay, lower, upper, reverse, sequence, now, skipKeyBytes: 0 });
	try {
		for (;;) {
			const status: Status = scan.fill(PAGE_ENTRIES, PAGE_BYTES);
			if (status === STATUS_ABSENT) return;
			if (status === STATUS_CORRUPT) throw damaged(kernel);
			if (status === STATUS_NEED) serveNeed(kernel, read);
			else yield* copyPage(kernel.page);
		}
	} finally {
		scan.free();
	}
}

/** The page is good until the next call only. */
function copyPage({ bytes, at, length, bounds, boundsAt, count }: Page): [Uint8Array, Uint8Array][] {
	const copy = new Uint8Array(bytes.subarray(at, at + length));
	const ends = bounds.slice(boundsAt, boundsAt + 2 * count + 1);
	return Array.from({ length: count }, (_, index) => [
		copy.subarray(ends[2 * index], ends[2 * index + 1]),
		copy.subarray(ends[2 * index + 1], ends[2 * index + 2]),
	]);
}

export function damaged({ damage }: Kernel): WlsmError {
	const { file, offset, reason } = damage;
	const message = `Table file ${file} is damaged at offset ${offset} (reason ${reason}, status.CORRUPT_…). Restore the file.`;
	return new WlsmError("WLSM_CORRUPTION", message, { file: String(file), offset });
}
