/** Rows set apart by their keys: equal keys are in the same part. */

import { RowWriter } from "../../codec/row-writer.js";
import type { Tuple } from "../operator.js";
import type { SpillFile } from "./file.js";
import { SpillStream } from "./stream.js";

export type Key = string | number | bigint;

/** Each of them has a piece in memory while rows are written. */
const PARTITIONS = 16;

export class Partitions {
	readonly streams: readonly SpillStream[];

	constructor(file: SpillFile) {
		const writer = new RowWriter();
		this.streams = Array.from({ length: PARTITIONS }, () => new SpillStream(file, writer));
	}

	/** Rows without a key are in the first part. */
	add(row: Tuple, key: Key | null | undefined): void {
		const part = key === undefined || key === null ? 0 : hash(key) % PARTITIONS;
		(this.streams[part] as SpillStream).push(row); // part is within
	}

	finish(): void {
		for (const stream of this.streams) stream.finish();
	}
}

/** FNV-1a over the key's text. */
function hash(key: Key): number {
	const text = String(key);
	let value = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
	return (value ^ (value >>> 15)) >>> 0;
}
