import type { Codec } from "./encoding.js";
import { encode } from "./encoding.js";
import type { StoredEntry } from "./engine/ingestion.js";
import { storedKey } from "./engine/range.js";
import { Keyspace } from "./engine/store.js";
import { checkKeyLength, checkValueLength } from "./reader.js";

/** Key-value entries as the engine takes them. */
export async function* storedEntries<Key, Value>(
	entries: Iterable<readonly [Key, Value]> | AsyncIterable<readonly [Key, Value]>,
	keyCodec: Codec,
	valueCodec: Codec,
): AsyncGenerator<StoredEntry> {
	for await (const [key, value] of entries) {
		const keyBytes = encode(keyCodec, key, "key");
		checkKeyLength(keyBytes.length);
		const valueBytes = encode(valueCodec, value, "value");
		checkValueLength(valueBytes.length);
		yield [storedKey(Keyspace.keyValue, keyBytes), valueBytes];
	}
}
