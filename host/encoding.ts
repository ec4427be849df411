import { Buffer } from "node:buffer";
import { copyOf } from "./engine/bytes.js";
import { WlsmError } from "./errors.js";
import { describe, type Encoding } from "./options.js";

type Prepared = string | Uint8Array;

/** A page of a scan as its entries are decoded from it: all of it as text where it is ASCII, otherwise a copy of its bytes. */
export interface DecodedPage {
	text: string | undefined;
	bytes: Buffer;
}

/** How one kind of value is written to and read from bytes. */
export interface Codec {
	readonly name: Encoding;
	/**
	 * What `bound` and `write` take. `WLSM_INVALID_ARGUMENT` where the value is of the wrong type. The only step that may run
	 * code of the user's (`toJSON`), and so once and before anything is written.
	 */
	prepare(value: unknown, what: string): Prepared;
	/** At most so many bytes are written. */
	bound(prepared: Prepared): number;
	/** Writes to `target[at…]`, which has room for `bound`; answers the length. */
	write(prepared: Prepared, target: Buffer, at: number, what: string): number;
	read(bytes: Buffer, at: number, length: number): unknown;
	/** Whether `readPage` can do with a page's text. */
	readonly fromText: boolean;
	/** As `read`: what stands at [start, end) of a page. */
	readPage(page: DecodedPage, start: number, end: number): unknown;
}

/** Below this many characters a loop over them beats a call out of JavaScript. */
const SHORT = 24;
/** Above this many characters the exact length is worth computing. */
const LONG = 1 << 16;

function boundOf(text: string): number {
	return text.length > LONG ? Buffer.byteLength(text) : 3 * text.length;
}

function writeText(text: string, target: Buffer, at: number, what: string): number {
	const { length } = text;
	if (length <= SHORT) {
		let index = 0;
		for (; index < length; index++) {
			const code = text.charCodeAt(index);
			if (code > 127) break;
			target[at + index] = code;
		}
		if (index === length) return length;
	}
	const written = (target as unknown as Slicing).utf8Write(text, at, target.length - at);
	// As many bytes as characters: all ASCII. Otherwise a lone surrogate would have become a replacement character.
	if (written !== length && !text.isWellFormed()) {
		throw new WlsmError("WLSM_INVALID_ARGUMENT", `The ${what} has a lone surrogate, which has no UTF-8 form.`);
	}
	return written;
}

// The methods behind toString and write, which Node, Deno and Bun all have: no encoding name to look at on each call.
interface Slicing {
	utf8Write(text: string, at: number, length: number): number;
	utf8Slice(start: number, end: number): string;
	latin1Slice(start: number, end: number): string;
}

function readText(bytes: Buffer, at: number, length: number): string {
	return (bytes as unknown as Slicing).utf8Slice(at, at + length);
}

/** The text of bytes that are all ASCII. */
export function readAscii(bytes: Buffer, at: number, length: number): string {
	return (bytes as unknown as Slicing).latin1Slice(at, at + length);
}

function wrongType(what: string, expected: string, value: unknown): WlsmError {
	return new WlsmError(
		"WLSM_INVALID_ARGUMENT",
		`The ${what} is ${describe(value)}; with this encoding it must be ${expected}.`,
	);
}

function pageText({ text, bytes }: DecodedPage, start: number, end: number): string {
	return text === undefined ? readText(bytes, start, end - start) : text.substring(start, end);
}

const text = {
	fromText: true,
	bound: (prepared: Prepared) => boundOf(prepared as string),
	write: (prepared: Prepared, target: Buffer, at: number, what: string) =>
		writeText(prepared as string, target, at, what),
};

const utf8: Codec = {
	name: "utf8",
	...text,
	prepare(value, what) {
		if (typeof value !== "string") throw wrongType(what, "a string", value);
		return value;
	},
	read: readText,
	readPage: pageText,
};

const view: Codec = {
	name: "view",
	prepare(value, what) {
		if (!(value instanceof Uint8Array)) throw wrongType(what, "a Uint8Array", value);
		return value;
	},
	bound: (prepared) => prepared.length,
	write(prepared, target, at) {
		target.set(prepared as Uint8Array, at);
		return prepared.length;
	},
	read: (bytes, at, length) => copyOf(bytes, at, at + length),
	fromText: false,
	readPage: ({ bytes }, start, end) => copyOf(bytes, start, end),
};

const buffer: Codec = {
	...view,
	name: "buffer",
	read: (bytes, at, length) => bufferOf(bytes, at, at + length),
	readPage: ({ bytes }, start, end) => bufferOf(bytes, start, end),
};

/** A copy, in memory of its own or of the runtime's pool. */
function bufferOf(bytes: Buffer, start: number, end: number): Buffer {
	const copy = Buffer.allocUnsafe(end - start);
	bytes.copy(copy, 0, start, end);
	return copy;
}

const json: Codec = {
	name: "json",
	...text,
	prepare: stringify,
	read: (bytes, at, length) => parse(readText(bytes, at, length)),
	readPage: (page, start, end) => parse(pageText(page, start, end)),
};

function stringify(value: unknown, what: string): string {
	let text: string | undefined;
	try {
		text = JSON.stringify(value);
	} catch (cause) {
		throw new WlsmError("WLSM_INVALID_ARGUMENT", `The ${what} has no JSON form: ${(cause as Error).message}`, {
			cause,
		});
	}
	if (text === undefined) throw wrongType(what, "something JSON can say", value);
	return text;
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new WlsmError(
			"WLSM_INVALID_ARGUMENT",
			`What is stored here is not JSON (${(cause as Error).message}). Open the database with the encoding that it was written with.`,
			{ cause },
		);
	}
}

export const codecs: { readonly [Name in Encoding]: Codec } = { utf8, view, buffer, json };

/** The bytes of one value. */
export function encode(codec: Codec, value: unknown, what: string): Uint8Array {
	const prepared = codec.prepare(value, what);
	const target = Buffer.allocUnsafe(codec.bound(prepared));
	return target.subarray(0, codec.write(prepared, target, 0, what));
}

/** The value as it is now, for one who uses it later: callers change what they gave. */
export function kept<Value>(codec: Codec, value: Value, what: string): Value {
	const prepared = codec.prepare(value, what);
	if (codec.name === "json") return JSON.parse(prepared as string) as Value;
	return (typeof prepared === "string" ? prepared : copyOf(prepared, 0, prepared.length)) as Value;
}
