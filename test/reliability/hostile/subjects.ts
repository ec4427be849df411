import { Buffer } from "node:buffer";
import type { OpenOptions } from "../../../host/options.js";
import { MemoryStorage } from "../../../host/storage/index.js";
import { withFixedId } from "../../format/sample.js";
import { openStorage, setClock } from "../../support/database.js";
import { IMAGE_DIRECTORY, type Image, takeImage, withFile } from "../../support/image.js";
import { Random } from "../../support/random.js";

export type State = ReadonlyMap<string, string>;

/** A small database that is to be damaged, and what it held. The same bytes at each making. */
export interface Subject {
	readonly name: string;
	readonly options: OpenOptions;
	readonly image: Image;
	/** Entries after each commit; the last ones are what the undamaged database holds. */
	readonly states: readonly State[];
	/** How many commits are in tables. */
	readonly flushed: number;
	/** The file with the newest operation on each key. */
	readonly homes: ReadonlyMap<string, string>;
	/** Directory contents of earlier moments. */
	readonly earlier: readonly Image[];
	/** Its log was not closed: it may lose its end unnoticed. */
	readonly mayEndEarly: boolean;
	/** What queries answer, as JSON. */
	readonly queries: ReadonlyMap<string, string>;
	/** A checkpoint that was interrupted: refused, whatever is in it. */
	readonly partial: boolean;
}

const OPTIONS: OpenOptions = { memtableBytes: 16 << 10, blockCacheBytes: 4096, background: "inline" };
const NOW = 1.8e12;
const CENTURY = 3e12;

export const TABLES = `
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE, weight REAL, photo BLOB);
CREATE TABLE tags (word TEXT PRIMARY KEY, person INTEGER);
INSERT INTO people VALUES (1, 'Ada', 1.5, x'00ff'), (2, 'Zoë', NULL, zeroblob(20)), (9223372036854775807, '', -2, NULL);
INSERT INTO tags VALUES ('first', 1), ('last', 9223372036854775807);
`;
export const QUERIES = [
	"SELECT id, name, weight, hex(photo) FROM people ORDER BY id",
	"SELECT id FROM people WHERE name = 'Zoë'",
	"SELECT count(*), max(word) FROM tags",
];

interface Shape {
	readonly name: string;
	readonly options: OpenOptions;
	readonly end: "close" | "crash" | "flush";
	readonly sql: "none" | "tables";
	/** Length of the one large value. */
	readonly large: number;
}

const SHAPES: readonly Shape[] = [
	{ name: "crashed", options: { blockBytes: 128, compression: "none" }, end: "crash", sql: "none", large: 300 },
	{ name: "compressed", options: { blockBytes: 512, compression: "lz4" }, end: "close", sql: "none", large: 3000 },
	{ name: "flushed", options: { blockBytes: 64, bloomBitsPerKey: 0 }, end: "flush", sql: "none", large: 200 },
	{
		name: "synced",
		options: { blockBytes: 128, compression: "none", sync: true },
		end: "crash",
		sql: "none",
		large: 100,
	},
	{ name: "tables", options: { blockBytes: 256, compression: "none" }, end: "close", sql: "tables", large: 100 },
];

export async function hostileSubjects(): Promise<readonly Subject[]> {
	const subjects: Subject[] = [];
	for (const shape of SHAPES) subjects.push(await subjectOf(shape));
	const [, compressed] = subjects as [Subject, Subject];
	const copy = await checkpointOf(compressed);
	const interrupted = withFile(withFile(copy.image, "CURRENT", undefined), "CHECKPOINT", Buffer.from("under way\n"));
	return [...subjects, copy, { ...copy, name: "interrupted", image: interrupted, partial: true }];
}

/** Four rounds of commits; a table after each of the first three, the last round in the log or in a table too. */
async function subjectOf({ name, options: own, end, sql, large }: Shape): Promise<Subject> {
	const options = { ...OPTIONS, ...own };
	const random = new Random(name.length);
	const storage = new MemoryStorage();
	const db = withFixedId(() => openStorage(storage, IMAGE_DIRECTORY, options));
	setClock(db, () => NOW);
	const state = new Map<string, string>();
	const states: State[] = [new Map()];
	const earlier: Image[] = [];
	const homes = new Map<string, string>();
	let touched = new Set<string>();
	const put = (key: string, value: string | undefined) => {
		touched.add(key);
		if (value === undefined) state.delete(key);
		else state.set(key, value);
	};
	const saved = () => states.push(new Map(state));
	/** What was touched is in the newest file of the kind. */
	const settle = (ending: string) => {
		const file = storage
			.list(IMAGE_DIRECTORY)
			.filter((other) => other.endsWith(ending))
			.sort()
			.at(-1) as string;
		for (const key of touched) homes.set(key, file);
		touched = new Set();
	};
	let flushed = 0;
	for (let round = 0; round < 4; round++) {
		for (let index = 0; index < 5; index++) {
			const [key, value] = [`key ${(index * 3 + round) % 8}`, `${round}/${index} `.repeat(1 + 3 * index)];
			if (index === 2) db.putSync(key, value, { ttlMs: CENTURY });
			else db.putSync(key, value);
			put(key, value);
			saved();
		}
		const both = Buffer.from(random.bytes(12)).toString("hex");
		db.batchSync([
			{ type: "delete", key: `key ${round}` },
			{ type: "put", key: `batch ${round}`, value: both },
		]);
		put(`key ${round}`, undefined);
		put(`batch ${round}`, both);
		saved();
		if (round === 1) {
			const value = Buffer.from(random.bytes(16))
				.toString("hex")
				.repeat(Math.ceil(large / 32));
			db.putSync("large", value);
			put("large", value);
			saved();
		}
		if (round > 0) {
			const range = { gte: "key 4", lt: `key ${4 + round}` };
			db.deleteRangeSync(range);
			for (let index = 4; index < 4 + round; index++) put(`key ${index}`, undefined);
			saved();
		}
		if (sql === "tables" && round === 0) db.sql.exec(TABLES);
		if (sql === "tables" && round > 0) db.sql.exec(`UPDATE people SET weight = ${round} WHERE id = ${round}`);
		earlier.push(takeImage(storage));
		if (round === 3 && end !== "flush") break;
		// A table on a lower level, the others on level 0.
		await (round === 0 ? db.compact() : db.flush());
		settle(".sst");
		flushed = states.length - 1;
		earlier.push(takeImage(storage));
	}
	settle(".wal");
	const queries = new Map<string, string>();
	if (sql === "tables")
		for (const query of QUERIES) queries.set(query, JSON.stringify(db.sql.prepare(query).all(), bigints));
	if (end !== "crash") db.closeSync();
	const image = takeImage(storage);
	return {
		name,
		options,
		image,
		states,
		flushed,
		homes,
		earlier,
		mayEndEarly: end === "crash",
		queries,
		partial: false,
	};
}

/** A checkpoint as a database of its own. */
async function checkpointOf(subject: Subject): Promise<Subject> {
	const storage = new MemoryStorage();
	storage.makeDirectory(IMAGE_DIRECTORY);
	for (const [name, bytes] of subject.image) {
		const file = storage.create(storage.join(IMAGE_DIRECTORY, name));
		file.writeSync(bytes, 0, bytes.length);
		file.close();
	}
	const db = openStorage(storage, IMAGE_DIRECTORY, subject.options);
	setClock(db, () => NOW);
	await db.checkpoint("/copy");
	db.closeSync();
	const image = takeImage(storage, "/copy");
	const homes = new Map<string, string>();
	const newest = [...image.keys()].filter((file) => file.endsWith(".sst")).at(-1) as string;
	for (const [key, file] of subject.homes) homes.set(key, image.has(file) ? file : newest);
	const flushed = subject.states.length - 1;
	return { ...subject, name: "checkpoint", image, homes, flushed, earlier: [], mayEndEarly: false };
}

/** For JSON.stringify. */
export function bigints(_key: string, value: unknown): unknown {
	return typeof value === "bigint" ? String(value) : value;
}
