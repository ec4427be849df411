import { Buffer } from "node:buffer";
import * as row from "../../../../assembly/shared/row.js";
import type { RowPage, RowProgram, RowTerm, RowValue } from "../../contract.js";
import { allocated, copyBytes, GrowingBytes } from "../memory/bytes.js";
import { Cell, isSoundRow, isText, TAG_DAMAGED } from "./cell.js";
import { matchesLike } from "./like.js";

interface Term {
	readonly column: number;
	readonly operator: number;
	readonly constant: Cell;
	/** Of LIKE. */
	readonly pattern: DataView;
	readonly nullHolds: boolean;
}

/** What a scan is to read of rows, and the page of columns that it fills with it. */
export class Rows {
	readonly #columns: readonly number[];
	readonly #grouped: number;
	readonly #groupBytes: number;
	#terms: readonly Term[];
	readonly #cell = new Cell();
	/** Numbers of groups by their keys. */
	readonly #groups = new Map<string, number>();
	#groupsTake = 0;
	#damaged = false;
	#capacity = 0;
	#doubles = new Float64Array(0);
	#words = new Uint32Array(0);
	#groupNumbers = new Uint32Array(0);
	#tags = new Uint8Array(0);
	readonly #texts = new GrowingBytes(0);
	#used = 0;
	#usedBefore = 0;

	constructor({ columns, terms, grouped, groupBytes }: RowProgram) {
		this.#columns = columns;
		this.#terms = terms.map(termOf);
		this.#grouped = grouped;
		this.#groupBytes = groupBytes;
	}

	/** Other constants count from now on. */
	narrow({ terms }: RowProgram): void {
		this.#terms = terms.map(termOf);
	}

	reset(maxEntries: number, maxBytes: number): void {
		this.#damaged = false;
		this.#used = 0;
		this.#texts.shrink(4 * maxBytes);
		if (this.#capacity >= maxEntries) return;
		const values = maxEntries * this.#columns.length;
		this.#doubles = allocated(() => new Float64Array(values));
		this.#words = new Uint32Array(this.#doubles.buffer);
		this.#tags = allocated(() => new Uint8Array(values));
		this.#groupNumbers = allocated(() => new Uint32Array(maxEntries));
		this.#capacity = maxEntries;
	}

	/** Bytes of texts on the page. */
	get used(): number {
		return this.#used;
	}

	/** Takes back what was appended last. */
	retract(): void {
		this.#used = this.#usedBefore;
	}

	/** Puts the columns of the row in [start, end) to place `index` of the page; false where it is not one to be taken. */
	append(index: number, view: DataView, keyAt: number, keyLength: number, start: number, end: number): boolean {
		const cell = this.#cell;
		const key = keyLength >= row.OBJECT_ID_BYTES + row.ROWID_BYTES ? keyAt : -1;
		if (!isSoundRow(view, start, end)) {
			this.#damaged = true;
			return false;
		}
		for (const term of this.#terms) {
			cell.read(view, key, start, end, term.column);
			if (cell.tag === TAG_DAMAGED) this.#damaged = true;
			if (cell.tag === TAG_DAMAGED || !holds(cell, term)) return false;
		}
		this.#usedBefore = this.#used;
		let group = "";
		for (const [i, column] of this.#columns.entries()) {
			cell.read(view, key, start, end, column);
			if (cell.tag === TAG_DAMAGED) {
				this.#damaged = true;
				return false;
			}
			if (i < this.#grouped) group += keyOf(cell);
			this.#set(i * this.#capacity + index, cell);
		}
		if (this.#grouped > 0) this.#groupNumbers[index] = this.#group(group);
		return true;
	}

	/** Gives the row at place `index` a number in place of its group. */
	number(index: number, number: number): void {
		this.#groupNumbers[index] = number;
	}

	#set(at: number, { tag, number, view, at: from, length }: Cell): void {
		this.#tags[at] = tag;
		if (tag === row.TAG_REAL) {
			this.#doubles[at] = number as number; // REALs are
		} else if (tag === row.TAG_INT64) {
			const isWord = typeof number === "number" && (number | 0) === number;
			if (isWord) this.#tags[at] = row.TAG_INT32;
			const bits = isWord ? 0n : BigInt(number);
			this.#words[2 * at] = isWord ? number : Number(bits & 0xffffffffn);
			this.#words[2 * at + 1] = isWord ? number >> 31 : Number((bits >> 32n) & 0xffffffffn);
		} else if (tag !== row.TAG_NULL && tag !== row.TAG_MISSING) {
			this.#texts.reserve(this.#used, this.#used + length);
			copyBytes(view, from, this.#texts.view, this.#used, length);
			this.#words[2 * at] = this.#used;
			this.#words[2 * at + 1] = length;
			this.#used += length;
		}
	}

	#group(key: string): number {
		const known = this.#groups.get(key);
		if (known !== undefined) return known;
		const takes = key.length + 24;
		if (this.#groupsTake + takes > this.#groupBytes) return row.NO_GROUP;
		this.#groupsTake += takes;
		const group = this.#groups.size;
		this.#groups.set(key, group);
		return group;
	}

	show(page: RowPage, count: number): void {
		page.count = count;
		page.capacity = this.#capacity;
		page.damaged = this.#damaged;
		page.tags = this.#tags;
		page.doubles = this.#doubles;
		page.words = this.#words;
		page.groups = this.#groupNumbers;
		page.bytes = this.#texts.buffer;
		page.tagsAt = page.valuesAt = page.groupsAt = page.at = 0;
	}

	get isDamaged(): boolean {
		return this.#damaged;
	}
}

function termOf({ column, operator, value, nullHolds }: RowTerm): Term {
	const constant = new Cell();
	constant.tag = value.tag;
	constant.number = numberOf(value);
	const bytes = "bytes" in value ? value.bytes : new Uint8Array(0);
	constant.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	constant.length = bytes.length;
	return { column, operator, constant, pattern: constant.view, nullHolds };
}

function numberOf(value: RowValue): number | bigint {
	if (value.tag === row.TAG_INT64) return value.integer;
	return value.tag === row.TAG_REAL ? value.real : 0;
}

function holds(cell: Cell, { operator, constant, pattern, nullHolds }: Term): boolean {
	const isNull = cell.tag === row.TAG_NULL || cell.tag === row.TAG_MISSING;
	if (operator === row.TERM_IS_NULL) return isNull;
	if (operator === row.TERM_NOT_NULL) return !isNull;
	if (isNull) return nullHolds;
	if (operator === row.TERM_LIKE) return !isText(cell.tag) || matchesLike(cell, pattern);
	const order = cell.compare(constant);
	switch (operator) {
		case row.TERM_EQUAL:
			return order === 0;
		case row.TERM_NOT_EQUAL:
			return order !== 0;
		case row.TERM_LESS:
			return order < 0;
		case row.TERM_LESS_EQUAL:
			return order <= 0;
		case row.TERM_GREATER:
			return order > 0;
		default:
			return order >= 0;
	}
}

/** The same text for values that are equal in SQL, and for no others. */
function keyOf({ tag, number, view, at, length }: Cell): string {
	if (tag === row.TAG_NULL || tag === row.TAG_MISSING) return "n";
	// A REAL that is an integer of 64 bits groups with that INTEGER.
	if (tag === row.TAG_INT64 || tag === row.TAG_REAL) return `${wholeOf(number)};`;
	const bytes = Buffer.from(view.buffer, view.byteOffset + at, length);
	return `${tag === row.TAG_BLOB ? "b" : "t"}${length}:${bytes.toString("latin1")}`;
}

function wholeOf(number: number | bigint): number | bigint {
	if (typeof number === "bigint" || Number.isSafeInteger(number) || !Number.isInteger(number)) return number;
	return BigInt(number);
}
