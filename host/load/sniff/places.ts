import { Buffer } from "node:buffer";
import { byteOrderMark } from "../../csv/dialect.js";
import { guarded } from "../../csv/failure.js";
import { NodeStorage } from "../../storage/index.js";
import type { TextFile } from "../text.js";

/** A part of a text that is looked at. */
export interface Place {
	readonly text: string;
	/** Whether it begins where the text does, and ends where it ends. Elsewhere it is cut anywhere. */
	readonly isStart: boolean;
	readonly isEnd: boolean;
}

const HEAD_BYTES = 128 << 10;
const PLACE_BYTES = 24 << 10;
/** In the middle and at the end. */
const PLACES = 8;

/** The beginning, some places in the middle, and the end. */
export function placesOf({ path, name }: TextFile): readonly Place[] {
	const file = guarded(name, () => new NodeStorage().openRead(path));
	const read = (from: number, length: number) => {
		const bytes = Buffer.alloc(length);
		return bytes.subarray(
			0,
			guarded(name, () => file.readSync(bytes, 0, length, from)),
		);
	};
	try {
		const size = file.size();
		const head = read(0, Math.min(HEAD_BYTES, size));
		const begin = byteOrderMark(head, name);
		const places = [{ text: head.toString("utf8", begin), isStart: true, isEnd: head.length >= size }];
		const step = Math.floor((size - HEAD_BYTES - PLACE_BYTES) / (PLACES - 1));
		// A file that is not much longer than its head is seen well enough by that, and its end.
		const middle = step >= PLACE_BYTES ? Array.from({ length: PLACES - 1 }, (_, i) => HEAD_BYTES + i * step) : [];
		const from = size > HEAD_BYTES ? [...middle, Math.max(HEAD_BYTES, size - PLACE_BYTES)] : [];
		for (const offset of from) {
			const bytes = read(offset, Math.min(PLACE_BYTES, size - offset));
			places.push({ text: bytes.toString("utf8"), isStart: false, isEnd: offset + bytes.length >= size });
		}
		return places;
	} finally {
		file.close();
	}
}
