/**
 * A process that writes the steps of a life, in order, and says on standard output what it opened and each step that is
 * acknowledged. It ends after so many steps, closing the database, or never.
 */
import { writeSync } from "node:fs";
import { type Database, type OpenOptions, openSync } from "../../../host/index.js";
import { checkpointOf } from "./checkpoints.js";
import { digestOf, readState, TABLE } from "./state.js";
import { type Change, type Step, settleExpiries, stepOf } from "./steps.js";

export interface WriterOrder {
	readonly directory: string;
	readonly seed: number;
	/** Number of the first step. */
	readonly from: number;
	readonly steps?: number;
	/** Commits that are under way at once, at most. */
	readonly window: number;
	readonly options: Pick<OpenOptions, "sync" | "kernel" | "background" | "compression">;
}

type Operation = { type: "put"; key: string; value: string; ttlMs?: number } | { type: "delete"; key: string };

const order = JSON.parse(process.argv[2] ?? "") as WriterOrder;
const db = openSync(order.directory, { memtableBytes: 16 << 10, blockBytes: 512, ...order.options });
say(`open ${digestOf(readState(db))}`);

/** What reads an old state. */
const held: { iterator?: Iterator<unknown>; snapshot?: ReturnType<Database["snapshot"]> } = {};
const underWay: Promise<void>[] = [];
const end = order.from + (order.steps ?? Number.POSITIVE_INFINITY);
for (let number = order.from; number < end; number++) {
	const step = stepOf(order.seed, number);
	if (step.kind === "put" || step.kind === "batch") {
		underWay.push(started(step, number).then(() => say(String(number))));
	} else {
		await drain();
		await perform(step, number);
		say(String(number));
	}
	if (underWay.length >= order.window) await drain();
	await upkeep(number);
}
await drain();
await db.close();
say("closed");

/** Written at once: what this process was killed after has been said. */
function say(line: string): void {
	writeSync(1, `${line}\n`);
}

async function drain(): Promise<void> {
	await Promise.all(underWay);
	underWay.length = 0;
}

function started({ kind, changes }: Step, number: number): Promise<void> {
	const options = writeOptions(number);
	const [first] = operationsOf(changes);
	if (kind === "batch" || first === undefined) return db.batch(operationsOf(changes), options);
	if (first.type === "delete") return db.delete(first.key, options);
	return db.put(first.key, first.value, { ...options, ...ttlOf(first) });
}

async function perform({ kind, changes }: Step, number: number): Promise<void> {
	const options = writeOptions(number);
	const operations = operationsOf(changes);
	switch (kind) {
		case "putSync": {
			const [first] = operations;
			if (first?.type === "put") db.putSync(first.key, first.value, { ...options, ...ttlOf(first) });
			else if (first?.type === "delete") db.deleteSync(first.key, options);
			break;
		}
		case "batchSync":
			db.batchSync(operations, options);
			break;
		case "deleteRange":
			for (const change of changes) {
				if (change.type !== "deleteRange") continue;
				if (change.range.limit !== undefined) settleExpiries();
				if (number % 2 === 0) db.deleteRangeSync(change.range, options);
				else await db.deleteRange(change.range, options);
			}
			break;
		case "transaction":
			await db.transaction(async (tx) => {
				for (const change of changes) {
					if (change.type === "deleteRange") await tx.deleteRange(change.range);
					else if (change.type === "put") await tx.put(change.key, change.value, ttlOf(change));
					else if (change.type === "delete") await tx.delete(change.key);
				}
			}, options);
			break;
		case "sql":
			db.sql.transaction(() => runStatements(db, changes))();
			break;
		default:
			throw new Error(`${kind} is not a step that is waited for`);
	}
}

function runStatements({ sql }: Database, changes: readonly Change[]): void {
	sql.exec(`CREATE TABLE IF NOT EXISTS ${TABLE} (id INTEGER PRIMARY KEY, value TEXT)`);
	for (const change of changes) {
		if (change.type === "put") sql.prepare("REPLACE INTO kv VALUES (?, ?)").run(change.key, change.value);
		else if (change.type === "delete") sql.prepare("DELETE FROM kv WHERE key = ?").run(change.key);
		else if (change.type === "row" && change.value === undefined)
			sql.prepare(`DELETE FROM ${TABLE} WHERE id = ?`).run(change.id);
		else if (change.type === "row")
			sql.prepare(`REPLACE INTO ${TABLE} VALUES (?, ?)`).run(change.id, change.value ?? null);
	}
}

function operationsOf(changes: readonly Change[]): Operation[] {
	return changes.filter((change) => change.type === "put" || change.type === "delete");
}

function ttlOf({ ttlMs }: { readonly ttlMs?: number }): { ttlMs?: number } {
	return ttlMs === undefined ? {} : { ttlMs };
}

/** Some commits are on stable storage before they are acknowledged whatever the database's own option says. */
function writeOptions(number: number): { sync?: boolean } {
	return number % 13 === 0 ? { sync: true } : {};
}

/** Flushes and compactions, waited for or not, and readers that keep old files from being removed. */
async function upkeep(number: number): Promise<void> {
	if (number % 53 === 0) {
		held.iterator?.return?.();
		held.iterator = db.entries({ reverse: number % 2 === 0 })[Symbol.iterator]();
		held.iterator.next();
	}
	if (number % 71 === 0) {
		held.snapshot?.[Symbol.dispose]();
		held.snapshot = db.snapshot();
	}
	if (number % 41 === 0) await db.flush();
	if (number % 89 === 0) later(db.flush());
	if (number % 127 === 0) later(db.compact());
	if (number % 151 === 150) later(checkpoint(number));
	if (number % 233 === 0) await db.compact({ gte: "key 0100" });
}

async function checkpoint(number: number): Promise<void> {
	await db.checkpoint(checkpointOf(order.directory, number));
	say(`checkpoint ${number}`);
}

function later(job: Promise<void>): void {
	underWay.push(job);
}
