import type { Codec } from "./encoding.js";
import { encode } from "./encoding.js";
import type { StoredEntry } from "./engine/ingestion.js";
import { storedKey } from "./engine/range.js";
import { Keyspace } from "./engine/store.js";
import { WlsmError } from "./errors.js";
import { describe } from "./options.js";
import { checkKeyLength, checkValueLength } from "./reader.js";

/** Key-value entries as the engine takes them. */
export async function* storedEntries<Key, Value>(
	entries: Iterable<readonly [Key, Value]> | AsyncIterable<readonly [Key, Value]>,
	keyCodec: Codec,
	valueCodec: Codec,
): AsyncGenerator<StoredEntry> {
	const iterable = entries as Partial<Iterable<unknown> & AsyncIterable<unknown>> | undefined | null;
	if (typeof iterable?.[Symbol.iterator] !== "function" && typeof iterable?.[Symbol.asyncIterator] !== "function") {
		throw new WlsmError(
			"WLSM_INVALID_ARGUMENT",
			`The entries to ingest are an iterable of [key, value] pairs, not ${describe(entries)}.`,
		);
	}
	for await (const entry of entries) {
		if (!Array.isArray(entry)) {
			throw new WlsmError("WLSM_INVALID_ARGUMENT", `An entry is a pair [key, value], not ${describe(entry)}.`);
		}
		const [key, value] = entry;
		const keyBytes = encode(keyCodec, key, "key");
		checkKeyLength(keyBytes.length);
		const valueBytes = encode(valueCodec, value, "value");
		checkValueLength(valueBytes.length);
		yield [storedKey(Keyspace.keyValue, keyBytes), valueBytes];
	}
}
