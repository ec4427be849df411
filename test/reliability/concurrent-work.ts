import type { BatchOperation } from "../../host/batch.js";
import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { EntryIterator } from "../../host/iterator.js";
import type { KeyValueTransaction } from "../../host/key-value-transaction.js";
import type { Interleaving } from "../support/interleaving.js";
import type { Random } from "../support/random.js";
import type { Entry, History, Session, Step, Write } from "./recorded-history.js";

/** What the users of one database share. */
export interface Scene {
	readonly db: Database;
	readonly random: Random;
	readonly history: History;
	readonly turns: Interleaving;
	/** Makes a copy that is read at the end: it holds what was committed when it was asked for, or until it was there. */
	checkpoint(): Promise<void>;
}

type Reading = Pick<Database, "get" | "getSync" | "getMany" | "entries">;

const KEYS = 48;
/** Given up on purpose. */
class GivenUp extends Error {}

const keyOf = (number: number) => `key ${String(number).padStart(2, "0")}`;
const anyKey = ({ random }: Scene) => keyOf(random.once(3) ? random.below(6) : random.below(KEYS));

function anyRange(scene: Scene, most: number): { readonly gte: string; readonly lt: string } {
	const from = scene.random.below(KEYS);
	return { gte: keyOf(from), lt: keyOf(from + scene.random.between(1, most)) };
}

/** Names its writer, and is now and then long enough to fill memtables. */
function newValue({ random }: Scene, { name, steps }: Session): string {
	return `${name} step ${steps.length} ${"x".repeat(random.below(random.once(4) ? 900 : 40))}`;
}

function anyWrite(scene: Scene, session: Session): Write {
	const kind = scene.random.below(12);
	if (kind === 0) return { kind: "deleteRange", ...anyRange(scene, 6) };
	if (kind < 3) return { kind: "delete", key: anyKey(scene) };
	return { kind: "put", key: anyKey(scene), value: newValue(scene, session) };
}

// -- Reads -----------------------------------------------------------------------------------------------------------

async function readOnce(scene: Scene, session: Session, from: Reading): Promise<void> {
	const { random } = scene;
	const { steps } = session;
	const key = anyKey(scene);
	const kind = random.below(8);
	if (kind < 2) steps.push({ kind: "get", key, value: from.getSync(key) });
	else if (kind < 4) await noted(session, key, from.get(key));
	else if (kind === 4) {
		const keys = [key, anyKey(scene), anyKey(scene), anyKey(scene)];
		const at = steps.length;
		const values = await from.getMany(keys);
		steps.splice(at, 0, ...keys.map((one, index): Step => ({ kind: "get", key: one, value: values[index] })));
	} else await scan(scene, session, from);
}

/** A value that is waited for has its place where it was asked for. */
async function noted(session: Session, key: string, value: Promise<string | undefined>): Promise<void> {
	const at = session.steps.length;
	const got = await value;
	session.steps.splice(at, 0, { kind: "get", key, value: got });
}

/** Reads a range, synchronously or a few entries at a time while others act; now and then it breaks off. */
async function scan(scene: Scene, session: Session, from: Reading): Promise<void> {
	const { random } = scene;
	const range = random.once(2) ? { gte: keyOf(0), lt: "l" } : anyRange(scene, 20);
	const reverse = random.once(3);
	let limit = random.once(3) ? random.between(1, 5) : KEYS;
	const entries: Entry[] = [];
	const at = session.steps.length;
	const iterator = from.entries({ ...range, reverse, limit });
	if (random.once(3)) entries.push(...iterator);
	else limit = await readSlowly(scene, iterator, entries, limit);
	session.steps.splice(at, 0, { kind: "scan", ...range, reverse, limit, entries });
}

async function readSlowly(scene: Scene, iterator: EntryIterator<Entry>, entries: Entry[], limit: number) {
	const { random, turns } = scene;
	const breakAt = random.once(4) ? random.between(1, 4) : limit;
	for await (const entry of iterator) {
		entries.push(entry);
		if (entries.length === breakAt) return breakAt;
		if (random.once(6)) await turns.turn();
	}
	return limit;
}

// -- Sessions --------------------------------------------------------------------------------------------------------

async function readAlone(scene: Scene): Promise<void> {
	const session = scene.history.begin("read", false);
	await readOnce(scene, session, scene.db);
}

async function readSnapshot(scene: Scene): Promise<void> {
	const session = scene.history.begin("snapshot", false);
	using snapshot = scene.db.snapshot();
	for (let left = scene.random.between(1, 6); left > 0; left--) {
		await scene.turns.turn();
		await readOnce(scene, session, snapshot);
	}
}

/** One commit of its own, in each of the ways there are. */
async function commitAlone(scene: Scene): Promise<void> {
	const { db, random, history } = scene;
	const session = history.begin("commit", false);
	const write = anyWrite(scene, session);
	const sync = random.once(8);
	let done: Promise<void> | undefined;
	session.asked = history.now();
	if (random.once(3)) {
		const writes = [write, anyWrite(scene, session), anyWrite(scene, session)];
		const operations = writes.flatMap(operationOf);
		session.steps.push(...writes.filter(({ kind }) => kind !== "deleteRange"));
		if (random.once(2)) db.batchSync(operations, { sync });
		else done = db.batch(operations, { sync });
	} else {
		session.steps.push(write);
		done = random.once(2) ? writeLater(db, write, sync) : writeNow(db, write, sync);
	}
	await done;
	session.settled = history.now();
	session.ending = "committed";
}

function operationOf(write: Write): BatchOperation<string, string>[] {
	if (write.kind === "put") return [{ type: "put", key: write.key, value: write.value }];
	return write.kind === "delete" ? [{ type: "delete", key: write.key }] : [];
}

function writeNow(db: Database, write: Write, sync: boolean): undefined {
	if (write.kind === "put") db.putSync(write.key, write.value, { sync });
	else if (write.kind === "delete") db.deleteSync(write.key, { sync });
	else db.deleteRangeSync({ gte: write.gte, lt: write.lt }, { sync });
	return undefined;
}

function writeLater(db: Database, write: Write, sync: boolean): Promise<void> {
	if (write.kind === "put") return db.put(write.key, write.value, { sync });
	if (write.kind === "delete") return db.delete(write.key, { sync });
	return db.deleteRange({ gte: write.gte, lt: write.lt }, { sync });
}

function writeIn(scene: Scene, session: Session, tx: KeyValueTransaction<string, string>): void {
	const { random } = scene;
	if (random.once(12)) {
		deleteFirst(scene, session, tx);
		return;
	}
	const write = anyWrite(scene, session);
	if (write.kind === "put") tx.putSync(write.key, write.value);
	else if (write.kind === "delete") tx.deleteSync(write.key);
	else tx.deleteRangeSync({ gte: write.gte, lt: write.lt });
	session.steps.push(write);
}

/** With a limit, a range is deleted key by key: a read, and a deletion of each. */
function deleteFirst(scene: Scene, session: Session, tx: KeyValueTransaction<string, string>): void {
	const range = anyRange(scene, 20);
	const limit = scene.random.between(1, 3);
	const entries = [...tx.entries({ ...range, limit })];
	tx.deleteRangeSync({ ...range, limit });
	session.steps.push({ kind: "scan", ...range, reverse: false, limit, entries });
	session.steps.push(...entries.map(([key]): Step => ({ kind: "delete", key })));
}

/** A transaction whose steps are turns among those of others. */
async function transact(scene: Scene): Promise<void> {
	const { db, random, history, turns } = scene;
	const session = history.begin("transaction", true);
	const giveUp = random.once(8);
	const readOnly = random.once(8);
	const run = db.transaction(
		async (tx) => {
			for (let left = random.between(1, 6); left > 0; left--) {
				if (readOnly || random.once(2)) await readOnce(scene, session, tx);
				else writeIn(scene, session, tx);
				await turns.turn();
			}
			session.asked = history.now();
			if (giveUp) throw new GivenUp();
		},
		{ sync: random.once(8) },
	);
	await end(scene, session, run);
}

/** As `transact`, from its beginning to its end in one turn. */
async function transactAtOnce(scene: Scene): Promise<void> {
	const { db, random, history } = scene;
	const session = history.begin("transaction at once", true);
	const giveUp = random.once(8);
	const run = async () =>
		db.transactionSync((tx) => {
			for (let left = random.between(1, 6); left > 0; left--) {
				const key = anyKey(scene);
				if (random.once(2)) session.steps.push({ kind: "get", key, value: tx.getSync(key) });
				else writeIn(scene, session, tx);
			}
			session.asked = history.now();
			if (giveUp) throw new GivenUp();
		});
	await end(scene, session, run());
}

async function end({ history }: Scene, session: Session, run: Promise<unknown>): Promise<void> {
	try {
		await run;
		const wrote = session.steps.some(({ kind }) => kind !== "get" && kind !== "scan");
		if (wrote) session.ending = "committed";
	} catch (error) {
		if (error instanceof GivenUp) session.ending = "rolled back";
		else if (error instanceof WlsmError && error.code === "WLSM_CONFLICT") session.ending = "conflict";
		else throw error;
	}
	session.settled = history.now();
}

async function upkeep(scene: Scene): Promise<void> {
	const { db, random } = scene;
	const kind = random.below(5);
	if (kind < 2) await db.flush();
	else if (kind < 4) await db.compact(random.once(2) ? undefined : anyRange(scene, 20));
	else await scene.checkpoint();
}

/** Reads everything. */
export function readAll(session: Session, db: Database): void {
	const entries = [...db.entries()];
	session.steps.push({ kind: "scan", gte: "", lt: "~", reverse: false, limit: Number.POSITIVE_INFINITY, entries });
}

const SESSIONS = [transact, transact, transact, transact, transactAtOnce, commitAlone, commitAlone, readAlone];

/** One user: does so many things one after the other. */
export async function use(scene: Scene, sessions: number): Promise<void> {
	for (let left = sessions; left > 0; left--) {
		await scene.turns.turn();
		const { random } = scene;
		if (random.once(40)) await upkeep(scene);
		else if (random.once(12)) await readSnapshot(scene);
		else await random.pick(SESSIONS)(scene);
	}
}
