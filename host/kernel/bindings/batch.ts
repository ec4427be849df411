import { Buffer } from "node:buffer";
import {
	BOUND_MAX_BYTES,
	EXPIRY_BYTES,
	EXPIRY_MAX,
	KIND_DELETE,
	KIND_DELETE_RANGE,
	KIND_PUT,
	KIND_PUT_EXPIRING,
	VALUE_MAX_BYTES,
} from "../../../assembly/shared/format.js";
import type { Kernel, Memtable, Operation } from "../contract.js";
import { encodeOperations } from "../operations.js";
import { checkBytes, checkKey, checkSequence, checkValue, invalid } from "./checks.js";

/** Seals nothing that is kept: the record goes to no log. */
const NO_SEED = { low: 0, high: 0 };

/**
 * Puts operations into a memtable, all or none: the first with sequence number `firstSequence`, each further one with the next. The numbers
 * must be higher than all that the memtable has seen; of one key the highest that a reader may see is what it finds.
 *
 * Errors: `WLSM_INVALID_ARGUMENT` for a key longer than 65,536 bytes, a value longer than 256 MiB, an empty range or a number that is
 * none; `WLSM_OUT_OF_MEMORY`, with the memtable as it was.
 */
export function applyBatch(
	kernel: Kernel,
	memtable: Memtable,
	operations: readonly Operation[],
	firstSequence: number,
): void {
	checkSequence(firstSequence);
	for (const operation of operations) checkOperation(operation);
	if (operations.length === 0) return;
	const { record } = kernel;
	const { length, entries } = encodeOperations(record, operations);
	record.sealBatch(length, entries, memtable, firstSequence, 0, NO_SEED);
	record.apply(length, memtable, firstSequence);
}

export function checkOperation({ kind, key, value }: Operation): void {
	switch (kind) {
		case KIND_PUT:
			checkKey(key);
			checkValue(value);
			break;
		case KIND_DELETE:
			checkKey(key);
			checkBytes("deletion's value", value, 0);
			break;
		case KIND_PUT_EXPIRING:
			checkKey(key);
			checkBytes("value", value, VALUE_MAX_BYTES + EXPIRY_BYTES);
			if (value.length < EXPIRY_BYTES || expiryOf(value) > EXPIRY_MAX)
				throw invalid("The value has no moment of expiry in front. Make it with putOperation(key, value, expiry).");
			break;
		case KIND_DELETE_RANGE:
			checkBytes("range's start", key, BOUND_MAX_BYTES);
			checkBytes("range's end", value, BOUND_MAX_BYTES);
			if (key.length === 0 || Buffer.compare(key, value) >= 0)
				throw invalid("The range is empty or starts with the empty key. Let it start with a byte, and before its end.");
			break;
		default:
			throw invalid(`No operation is of kind ${kind}. Take putOperation, deleteOperation or deleteRangeOperation.`);
	}
}

function expiryOf(value: Uint8Array): number {
	return Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true));
}
