import { KIND_DELETE, KIND_PUT, OPERATION_HEADER_BYTES } from "../../assembly/shared/format.js";
import type { RecordBuffer } from "../kernel/contract.js";

/** A write to a stored key; without a value a deletion. Lengths have been checked. */
export type Operation = readonly [key: Uint8Array, value: Uint8Array | undefined];

/** Writes a batch into the record buffer; answers the payload's length and the number of operations. */
export function encodeOperations(
	record: RecordBuffer,
	operations: Iterable<Operation>,
): { readonly length: number; readonly entries: number } {
	let length = 0;
	let entries = 0;
	for (const [key, value] of operations) {
		const valueLength = value?.length ?? 0;
		const next = length + OPERATION_HEADER_BYTES + key.length + valueLength;
		record.reserve(next);
		const at = record.at + length;
		const kind = value === undefined ? KIND_DELETE : KIND_PUT;
		record.bytes.writeUInt32LE((kind << 24) | key.length, at);
		record.bytes.writeUInt32LE(valueLength, at + 4);
		record.bytes.set(key, at + OPERATION_HEADER_BYTES);
		if (value !== undefined) record.bytes.set(value, at + OPERATION_HEADER_BYTES + key.length);
		length = next;
		entries += 1;
	}
	return { length, entries };
}
