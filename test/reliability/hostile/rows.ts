import { Buffer } from "node:buffer";
import { type ByteStore, Keyspace } from "../../../host/engine/store.js";
import { WlsmError, type WlsmErrorCode } from "../../../host/errors.js";
import { SqlDatabase } from "../../../host/sql/index.js";
import { MemoryStore } from "../../support/memory-store.js";
import type { Random } from "../../support/random.js";
import { TABLES } from "./subjects.js";

/** Codes of what may be told of a catalog or a row that says something else than it did. */
const CODES: readonly WlsmErrorCode[] = ["WLSM_CORRUPTION", "WLSM_SQL", "WLSM_UNSUPPORTED", "WLSM_INVALID_ARGUMENT"];
const WORDS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

const STATEMENTS = [
	"SELECT * FROM people ORDER BY id",
	"SELECT id FROM people WHERE name = 'Zoë'",
	"SELECT name FROM people WHERE name > '' ORDER BY name DESC",
	"SELECT count(*), total(weight), group_concat(hex(photo)) FROM people",
	"SELECT * FROM tags WHERE word = 'first'",
	"SELECT * FROM sqlite_schema",
	"UPDATE people SET weight = weight + 1, name = name || '!'",
	"INSERT INTO people VALUES (7, 'new', 1, x'01')",
	"INSERT OR REPLACE INTO tags VALUES ('first', 2)",
	"DELETE FROM people WHERE id > 1",
	"DROP TABLE tags",
];

type Entries = ReturnType<MemoryStore["entries"]>;

/** The rows, the index and the catalog of a small database, as the store holds them. */
export function soundRows(): Entries {
	const store = new MemoryStore();
	new SqlDatabase(store as ByteStore).exec(TABLES);
	return store.entries(Keyspace.sql);
}

/** Changes the bytes of some entries, values more often than keys; answers what was done. */
export function forgeRows(random: Random, sound: Entries): { readonly entries: Entries; readonly what: string } {
	const entries = sound.map(({ key, value }) => ({ key: Buffer.from(key), value: Buffer.from(value) }));
	const what: string[] = [];
	for (let count = random.pick([1, 1, 2, 4]); count > 0; count--) {
		const index = random.below(entries.length);
		const entry = entries[index] as (typeof entries)[number];
		const field = random.once(5) ? "key" : "value";
		const [bytes, kind] = [entry[field], random.below(6)];
		const at = random.below(Math.max(1, random.once(2) ? Math.min(bytes.length, 24) : bytes.length));
		what.push(`${kind} at ${at} of ${field} ${index}`);
		if (kind === 0) entry[field] = bytes.subarray(0, at);
		else if (kind === 1) entry[field] = Buffer.concat([bytes, random.bytes(random.below(20))]);
		else if (kind === 2 && at + 4 <= bytes.length) bytes.writeUInt32LE(random.pick(WORDS), at);
		else if (kind === 3 && at + 2 <= bytes.length) bytes.writeUInt16LE(random.pick(WORDS) & 0xffff, at);
		else if (kind === 4) bytes.set(random.bytes(Math.min(6, bytes.length - at)), at);
		else if (bytes.length > 0) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
	}
	entries.sort((a, b) => Buffer.compare(a.key, b.key));
	const unique = entries.filter(
		({ key }, index) => index === 0 || !key.equals((entries[index - 1] as { key: Buffer }).key),
	);
	return { entries: unique, what: what.join(", ") };
}

/** Does everything with a database of such rows. Throws where anything but a documented error comes of it; answers how many did. */
export function useRows(entries: Entries): number {
	const store = new MemoryStore();
	store.isForged = true;
	store.commit(new Map([[Keyspace.sql, entries]]));
	const sql = new SqlDatabase(store as ByteStore);
	let refused = 0;
	for (const text of STATEMENTS) {
		try {
			const statement = sql.prepare(text);
			if (statement.reader) statement.raw().all();
			else statement.run();
		} catch (error) {
			if (!(error instanceof WlsmError) || !CODES.includes(error.code))
				throw new Error(`${text}: ${error}`, { cause: error });
			refused += 1;
		}
	}
	if (store.open !== 0) throw new Error(`${store.open} cursors or snapshots were left open`);
	return refused;
}
