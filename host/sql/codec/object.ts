/** What is stored for one object of the schema: the rows of a table, the entries of an index. */

import type { ByteRange, ByteView, EntryPage } from "../../engine/store.js";
import { Keyspace, prefixEnd } from "../../engine/store.js";
import { objectPrefix } from "./key.js";

/** The keys of all that. */
export function objectRange(objectId: number): ByteRange {
	const prefix = objectPrefix(objectId);
	return { gte: prefix, lt: prefixEnd(prefix) };
}

/** In the order of keys. `stop`, where given, counts what is gone through. */
export function* storedPages(
	view: Pick<ByteView, "scan">,
	objectId: number,
	stop?: { count(entries: number): void },
): Generator<EntryPage, void> {
	const cursor = view.scan(Keyspace.sql, objectRange(objectId));
	try {
		for (let page = cursor.next(); page !== undefined; page = cursor.next()) {
			stop?.count(page.count);
			yield page;
		}
	} finally {
		cursor.close();
	}
}

/** The entries of these pages, as views of them. */
export function* storedEntries(
	...of: Parameters<typeof storedPages>
): Generator<{ readonly key: Uint8Array; readonly value: Uint8Array }, void> {
	for (const { count, bytes, bounds } of storedPages(...of)) {
		for (let i = 0; i < count; i++) {
			const value = bounds[i * 2 + 1];
			yield { key: bytes.subarray(bounds[i * 2], value), value: bytes.subarray(value, bounds[i * 2 + 2]) };
		}
	}
}
