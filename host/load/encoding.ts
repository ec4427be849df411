/** Text in other encodings, as UTF-8. */

import { Buffer } from "node:buffer";
import { invalid, show } from "../csv/failure.js";

/** How the text of a source is encoded. "utf-16": as its byte order mark or its first characters say, else little-endian. */
export type Encoding = "utf-8" | "utf-16" | "utf-16le" | "utf-16be" | "latin1" | "windows-1252";

export const ENCODINGS: readonly Encoding[] = ["utf-8", "utf-16", "utf-16le", "utf-16be", "latin1", "windows-1252"];

/** What has to be converted. */
export type ForeignEncoding = Exclude<Encoding, "utf-8" | "utf-16">;

const SNIFFED_BYTES = 4096;
const LEAST_BYTES = 8;

/** Undefined for UTF-8. A byte order mark decides where nothing is said; without one UTF-16 is found where it is plain ASCII. */
export function encodingOf(head: Uint8Array, wanted: Encoding | undefined, name: string): ForeignEncoding | undefined {
	const [a, b, c, d] = head;
	const mark = a === 0xff && b === 0xfe ? "utf-16le" : a === 0xfe && b === 0xff ? "utf-16be" : undefined;
	if ((mark === "utf-16le" && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) {
		throw invalid(`${name} is UTF-32; convert it to UTF-8 first`, { file: name });
	}
	switch (wanted) {
		case undefined:
			return mark ?? asciiInUtf16(head);
		case "utf-8":
			if (mark !== undefined) throw invalid(`${name} is UTF-16, not UTF-8, as its first bytes say`, { file: name });
			return undefined;
		case "utf-16":
			return mark ?? asciiInUtf16(head) ?? "utf-16le";
		default:
			if (a === 0xef && b === 0xbb && c === 0xbf) {
				throw invalid(`${name} is UTF-8, not ${wanted}, as its first bytes say`, { file: name });
			}
			return wanted;
	}
}

export function checkEncoding(encoding: string): Encoding {
	const found = ENCODINGS.find((one) => one === encoding.toLowerCase());
	if (found !== undefined) return found;
	throw invalid(`The encoding must be one of ${ENCODINGS.join(", ")}, not ${show(encoding)}`);
}

/** Safe: UTF-8 with a NUL at every second place, and nowhere else, is no text that anybody has. */
function asciiInUtf16(head: Uint8Array): ForeignEncoding | undefined {
	const bytes = head.subarray(0, SNIFFED_BYTES);
	if (bytes.length < LEAST_BYTES || bytes.length % 2 !== 0) return undefined;
	const zerosAt = (odd: 0 | 1) => bytes.every((byte, i) => (byte === 0) === (i % 2 === odd));
	if (zerosAt(1)) return "utf-16le";
	return zerosAt(0) ? "utf-16be" : undefined;
}

/** The bytes of the text in UTF-8, without a byte order mark. */
export async function* inUtf8(
	chunks: AsyncIterable<Uint8Array>,
	encoding: ForeignEncoding,
	name: string,
): AsyncGenerator<Uint8Array> {
	if (encoding === "latin1" || encoding === "windows-1252") {
		for await (const chunk of chunks) yield Buffer.from(singleBytes(chunk, encoding), "utf8");
		return;
	}
	const decoder = new TextDecoder("utf-16le", { fatal: true });
	let at = 0;
	let half: Uint8Array = new Uint8Array(0);
	for await (const chunk of chunks) {
		const bytes = Buffer.concat([half, chunk]);
		const length = bytes.length & ~1;
		half = bytes.subarray(length);
		const whole = bytes.subarray(0, length);
		if (encoding === "utf-16be") whole.swap16();
		yield Buffer.from(decoded(decoder, whole, at, name), "utf8");
		at += length;
	}
	if (half.length > 0) throw notUtf16(name, at);
	yield Buffer.from(decoded(decoder, undefined, at, name), "utf8");
}

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array | undefined, at: number, name: string) {
	try {
		return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
	} catch {
		throw notUtf16(name, at);
	}
}

function notUtf16(name: string, at: number): Error {
	const message = `${name} is not valid UTF-16 behind byte ${at}: it is cut off, damaged, or in another encoding`;
	return invalid(message, { file: name });
}

/** What windows-1252 has where Latin-1 has control characters; five are left as they are. */
const BEHIND_0X80 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

function singleBytes(chunk: Uint8Array, encoding: "latin1" | "windows-1252"): string {
	const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
	if (encoding === "latin1") return text;
	return text.replace(/[\x80-\x9f]/g, (character) => BEHIND_0X80[character.charCodeAt(0) - 0x80] as string);
}
