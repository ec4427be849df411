/** Rows in a temporary file: written one after the other, then read in that order, or piece by piece, any number of times. */

import { Buffer } from "node:buffer";
import { RowSource } from "../../codec/row.js";
import { RowWriter } from "../../codec/row-writer.js";
import type { Value } from "../../value/value.js";
import type { Run, Tuple } from "../operator.js";
import { FULL_BATCH } from "../operator.js";
import type { SpillFile } from "./file.js";

/** Rows are written and read in pieces of this length, or of one row where that is longer. */
const PIECE_BYTES = 32 * 1024;
const LENGTH_BYTES = 4;

function lengthAt(bytes: Uint8Array, at: number): number {
	const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]] as [number, number, number, number];
	return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

function rowAt(source: RowSource, start: number, end: number): Tuple {
	const row = new Array<Value>(source.columnCount(start));
	for (let i = 0; i < row.length; i++) row[i] = source.column(start, end, i) as Value; // i is within
	return row;
}

/** Several streams may share a file. Each holds one piece in memory while it is written, and one per reader. */
export class SpillStream {
	readonly #file: SpillFile;
	readonly #writer: RowWriter;
	#piece: Buffer | null = null;
	#length = 0;
	readonly #offsets: number[] = [];
	readonly #lengths: number[] = [];
	/** Per piece the number of its first row. */
	readonly #firsts: number[] = [];
	#count = 0;

	/** The writer may be shared too. */
	constructor(file: SpillFile, writer = new RowWriter()) {
		this.#file = file;
		this.#writer = writer;
	}

	/** How many rows it has. */
	get count(): number {
		return this.#count;
	}

	push(row: Tuple): void {
		const bytes = this.#writer.encode(row);
		const length = LENGTH_BYTES + bytes.length;
		if (this.#length + length > PIECE_BYTES) this.#flush();
		if (this.#length === 0) this.#firsts.push(this.#count);
		this.#count++;
		if (this.#piece === null || this.#piece.length < length)
			this.#piece = Buffer.allocUnsafe(Math.max(length, PIECE_BYTES));
		this.#piece.writeUInt32LE(bytes.length, this.#length);
		this.#piece.set(bytes, this.#length + LENGTH_BYTES);
		this.#length += length;
	}

	/** No more rows come: what they were written by is let go. */
	finish(): void {
		this.#flush();
		this.#piece = null;
	}

	#flush(): void {
		if (this.#piece === null || this.#length === 0) return;
		this.#offsets.push(this.#file.append(this.#piece, this.#length));
		this.#lengths.push(this.#length);
		this.#length = 0;
	}

	/** The piece that a row is in, by their numbers. */
	pieceOf(row: number): number {
		let low = 0;
		let high = this.#firsts.length;
		while (high - low > 1) {
			const middle = (low + high) >>> 1;
			if ((this.#firsts[middle] as number) <= row)
				low = middle; // middle is within
			else high = middle;
		}
		return low;
	}

	/** All rows of a piece, and the number of the first; to be called when it is finished. */
	readPiece(piece: number): { readonly first: number; readonly rows: readonly Tuple[] } {
		const length = this.#lengths[piece] as number; // the caller knows that there is such a piece, here and below
		const bytes = new Uint8Array(length);
		this.#file.read(bytes, length, this.#offsets[piece] as number);
		const source = new RowSource(bytes);
		const rows: Tuple[] = [];
		for (let at = 0; at < length; ) {
			const start = at + LENGTH_BYTES;
			at = start + lengthAt(bytes, at);
			rows.push(rowAt(source, start, at));
		}
		return { first: this.#firsts[piece] as number, rows };
	}

	/** From the first row on; to be called when it is finished. Closing it does not close the file. */
	read(): Run {
		let piece = 0;
		// No Buffer: a BLOB is a slice of it, which has to be a copy.
		let bytes = new Uint8Array(0);
		let source = new RowSource(bytes);
		let at = 0;
		let end = 0;
		return {
			next: (limit) => {
				const rows: Tuple[] = [];
				while (rows.length < Math.min(limit, FULL_BATCH)) {
					if (at === end) {
						const length = this.#lengths[piece];
						if (length === undefined) break;
						if (bytes.length < length) {
							bytes = new Uint8Array(Math.max(length, PIECE_BYTES));
							source = new RowSource(bytes);
						}
						this.#file.read(bytes, length, this.#offsets[piece] as number); // one for each length
						piece++;
						at = 0;
						end = length;
					}
					const start = at + LENGTH_BYTES;
					at = start + lengthAt(bytes, at);
					rows.push(rowAt(source, start, at));
				}
				return rows.length === 0 ? undefined : rows;
			},
			close: () => {
				piece = this.#lengths.length;
				at = end;
			},
		};
	}
}
