const LINE_BYTES = 16;
const HEX_COLUMN = 3 * LINE_BYTES - 1;

/**
 * Reads bytes field by field and writes down what each one is. A field that is not what it should be throws, as do bytes
 * that are left over: the text shows only what was understood.
 */
export class AnnotatedBytes {
	readonly bytes: Uint8Array;
	/** Offset of the next field. */
	at = 0;
	/** What is added to offsets in the text: where in their file the bytes begin. */
	readonly base: number;
	readonly #lines: string[] = [];

	constructor(bytes: Uint8Array, base = 0) {
		this.bytes = bytes;
		this.base = base;
	}

	get left(): number {
		return this.bytes.length - this.at;
	}

	heading(text: string): void {
		if (this.#lines.length > 0) this.#lines.push("");
		this.#lines.push(`${text}:`);
	}

	/** A line about what stands above it. */
	remark(text: string): void {
		this.#lines.push(`${" ".repeat(HEX_COLUMN + 8)}${text}`);
	}

	#take(length: number, note: string): number {
		const at = this.at;
		if (length > this.left) throw new RangeError(`${note}: ${length} bytes wanted at ${at}, ${this.left} left`);
		for (let start = at; start < at + length; start += LINE_BYTES) {
			const line = this.bytes.subarray(start, Math.min(start + LINE_BYTES, at + length));
			const hex = [...line].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
			const offset = (this.base + start).toString(16).padStart(4, "0");
			this.#lines.push(`${offset}  ${hex.padEnd(HEX_COLUMN)}  ${start === at ? note : ""}`.trimEnd());
		}
		this.at = at + length;
		return at;
	}

	#peek(length: number): DataView {
		if (length > this.left) throw new RangeError(`${length} bytes wanted at ${this.at}, ${this.left} left`);
		return new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, length);
	}

	/** An unsigned little-endian number; `note` may tell more of it. */
	number(width: 1 | 2 | 4 | 8, name: string, note: (value: number) => string = () => ""): number {
		const view = this.#peek(width);
		let value = 0;
		for (let i = width - 1; i >= 0; i--) value = value * 256 + view.getUint8(i);
		if (!Number.isSafeInteger(value)) throw new RangeError(`${name} is beyond 2^53`);
		const more = note(value);
		this.#take(width, `${name} = ${value}${more === "" ? "" : `: ${more}`}`);
		return value;
	}

	/** A number that must have this value. */
	constant(width: 1 | 2 | 4 | 8, name: string, expected: number, meaning = ""): void {
		const value = this.number(width, name, () => meaning);
		if (value !== expected) throw new RangeError(`${name} is ${value}, expected ${expected}`);
	}

	/** A hash, or part of one, of the value expected. */
	hash(width: 4 | 8, name: string, expected: bigint): void {
		const view = this.#peek(width);
		const value = width === 8 ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true));
		if (value !== BigInt.asUintN(8 * width, expected)) {
			throw new RangeError(`${name} is ${value.toString(16)}, expected ${expected.toString(16)}`);
		}
		this.#take(width, name);
	}

	/** ASCII text. */
	text(length: number, name: string): string {
		const text = String.fromCharCode(...this.bytes.subarray(this.at, this.at + length));
		this.#take(length, `${name} ${JSON.stringify(text)}`);
		return text;
	}

	/** Bytes without further meaning. */
	raw(length: number, note: string): Uint8Array {
		const at = this.#take(length, note);
		return this.bytes.subarray(at, at + length);
	}

	zeros(length: number, note: string): void {
		if (length > 0 && this.raw(length, note).some((byte) => byte !== 0)) throw new RangeError(`${note}: not zero`);
	}

	/** The text; everything must have been read. */
	finish(): string {
		if (this.left !== 0) throw new RangeError(`${this.left} bytes are not accounted for`);
		return this.#lines.join("\n");
	}
}
