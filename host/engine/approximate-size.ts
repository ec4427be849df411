import { Buffer } from "node:buffer";
import type { Engine } from "./engine.js";
import { type StoredBounds, storedBounds } from "./range.js";
import type { ByteRange, Keyspace } from "./store.js";
import type { TableFile } from "./table-file.js";
import { TableReader } from "./table-reader.js";

/**
 * About how many bytes of tables hold keys of a range: of a table within it all, of one across a bound the blocks that may hold
 * some. What is in memory does not count.
 */
export function approximateBytes(engine: Engine, space: Keyspace, range: ByteRange): number {
	const bounds = storedBounds(space, range);
	if (bounds === undefined) return 0;
	let bytes = 0;
	for (const table of engine.superversion.levels.flat()) bytes += bytesOfTable(engine, table, bounds);
	return bytes;
}

function bytesOfTable(engine: Engine, { path, description }: TableFile, { lower, upper }: StoredBounds): number {
	const { smallest, largest, size } = description;
	if (Buffer.compare(largest, lower) < 0 || Buffer.compare(smallest, upper) >= 0) return 0;
	const inside = Buffer.compare(lower, smallest) <= 0 && Buffer.compare(largest, upper) < 0;
	// Of a reader's tables the writer may have removed the names, and only by name could the index be read here.
	if (inside || engine.readOnly) return size;
	const reader = new TableReader(engine.storage, engine.kernel, path);
	try {
		return reader.bytesBetween(lower, upper);
	} finally {
		reader.close();
	}
}
