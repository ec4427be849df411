import * as row from "../../../assembly/shared/row.js";
import type { RowProgram, RowTerm } from "../contract.js";

/** Those that only name columns, by these: the same statement asks for the same ones again and again. */
const PLAIN = new WeakMap<readonly number[], Uint8Array>();

/** A program as the module reads it (assembly/shared/row.ts). */
export function encodeRowProgram(program: RowProgram): Uint8Array {
	if (program.terms.length > 0 || program.grouped > 0) return encoded(program);
	let bytes = PLAIN.get(program.columns);
	if (bytes === undefined) {
		bytes = encoded(program);
		PLAIN.set(program.columns, bytes);
	}
	return bytes;
}

function encoded({ columns, terms, grouped, groupBytes }: RowProgram): Uint8Array {
	const listed = row.PROGRAM_LIST + ((4 * columns.length + 7) & ~7);
	const fixed = listed + terms.length * row.TERM_BYTES;
	const bytes = new Uint8Array(terms.reduce((length, { value }) => length + bytesOf(value).length, fixed));
	const view = new DataView(bytes.buffer);
	view.setUint32(row.PROGRAM_COLUMNS, columns.length, true);
	view.setUint32(row.PROGRAM_TERMS, terms.length, true);
	view.setUint32(row.PROGRAM_GROUPED, grouped, true);
	view.setUint32(row.PROGRAM_GROUP_BYTES, groupBytes, true);
	for (const [i, column] of columns.entries()) view.setUint32(row.PROGRAM_LIST + 4 * i, column, true);
	let end = fixed;
	for (const [i, { column, operator, value, nullHolds }] of terms.entries()) {
		const at = listed + i * row.TERM_BYTES;
		view.setUint32(at + row.TERM_COLUMN, column, true);
		view.setUint32(at + row.TERM_OPERATOR, operator, true);
		view.setUint32(at + row.TERM_TAG, value.tag, true);
		view.setUint32(at + row.TERM_NULL_HOLDS, nullHolds ? 1 : 0, true);
		if (value.tag === row.TAG_INT64) view.setBigInt64(at + row.TERM_VALUE, value.integer, true);
		if (value.tag === row.TAG_REAL) view.setFloat64(at + row.TERM_VALUE, value.real, true);
		const constant = bytesOf(value);
		view.setUint32(at + row.TERM_OFFSET, end, true);
		view.setUint32(at + row.TERM_LENGTH, constant.length, true);
		bytes.set(constant, end);
		end += constant.length;
	}
	return bytes;
}

const NO_BYTES = new Uint8Array(0);

function bytesOf(value: RowTerm["value"]): Uint8Array {
	return "bytes" in value ? value.bytes : NO_BYTES;
}
