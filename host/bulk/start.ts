import { Buffer } from "node:buffer";
import type { Dialect } from "../csv/dialect.js";
import { guarded } from "../csv/failure.js";
import type { Storage } from "../storage/index.js";

const CHUNK_BYTES = 64 << 10;
const CARRIAGE_RETURN = 13;

/** Where the record behind the first one begins, blank lines in front of it left out, and on which line; the file's end where there is none. */
export function behindFirstRecord(
	storage: Storage,
	path: string,
	from: number,
	{ quote: mark }: Dialect,
	newline: number,
): { readonly offset: number; readonly line: number } {
	const quote = mark === "" ? -1 : mark.charCodeAt(0);
	const file = guarded(path, () => storage.openRead(path));
	const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
	let line = 1;
	let quoted = false;
	let isBlank = true;
	try {
		for (let offset = from; ; offset += CHUNK_BYTES) {
			const length = guarded(path, () => file.readSync(chunk, 0, CHUNK_BYTES, offset));
			for (let at = 0; at < length; at++) {
				const byte = chunk[at];
				if (byte === newline) {
					line++;
					if (!quoted && !isBlank) return { offset: offset + at + 1, line };
				} else if (byte !== CARRIAGE_RETURN) isBlank = false;
				if (byte === quote) quoted = !quoted;
			}
			if (length < CHUNK_BYTES) return { offset: offset + length, line };
		}
	} finally {
		file.close();
	}
}
