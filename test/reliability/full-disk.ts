import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { OpenOptions } from "../../host/options.js";
import { openStorage } from "../support/database.js";
import { type FullStorage, fullStorage } from "../support/full-storage.js";
import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";
import { type Ledger, Violation } from "./ledger.js";

const DIRECTORY = "/disk/db";
const COPY = "/disk/copy";
const STEPS = 400;

const keyOf = (number: number) => `key ${String(number).padStart(4, "0")}`;

/** A database on a disk that fills up, and what it holds for sure. */
interface Scene {
	readonly ledger: Ledger;
	readonly random: Random;
	readonly disk: FullStorage;
	readonly options: OpenOptions;
	readonly model: Map<string, string>;
	/** What a commit that failed would have changed: it may be there after reopening, and only then. */
	doubt: ReadonlyMap<string, string> | undefined;
	db: Database;
}

/** Of a call that failed: whether that is as documented. */
function checkFull(error: unknown): WlsmError {
	if (!(error instanceof WlsmError) || error.code !== "WLSM_IO") throw error;
	let cause: unknown = error;
	while (cause instanceof WlsmError) cause = cause.cause;
	if ((cause as { code?: unknown } | undefined)?.code !== "ENOSPC") throw error;
	return error;
}

/** Fills the disk at a random moment of a workload, frees it again, and looks whether anything is lost. */
export async function runFullDisk(ledger: Ledger, seed: number): Promise<void> {
	const random = new Random(seed);
	const disk = fullStorage([DIRECTORY, COPY]);
	const options = {
		kernel: random.pick(kernels),
		memtableBytes: 16 << 10,
		blockBytes: 512,
		background: "inline",
	} as const;
	const db = openStorage(disk.storage, DIRECTORY, options);
	const scene: Scene = { ledger, random, disk, options, model: new Map(), doubt: undefined, db };
	for (let step = 0; step < STEPS; step++) {
		if (random.once(60)) disk.capacity = disk.used() + random.below(12_000);
		if (random.once(20)) disk.capacity = Number.POSITIVE_INFINITY;
		await doOne(scene, step);
		if (random.once(10)) lookUp(scene);
	}
	// There is room again.
	disk.capacity = Number.POSITIVE_INFINITY;
	await goOn(scene);
	check(scene);
	await scene.db.compact();
	await checkFiles(scene);
	await scene.db.close();
	ledger.count("times the disk was full", disk.refused);
}

async function doOne(scene: Scene, step: number): Promise<void> {
	const { random, ledger, model } = scene;
	const changes = new Map<string, string>();
	const count = random.once(8) ? 60 : random.between(1, 4);
	for (let left = count; left > 0; left--) {
		changes.set(keyOf(random.below(400)), `${step} ${left} ${"x".repeat(random.below(200))}`);
	}
	const kind = random.below(14);
	try {
		if (kind === 0) await scene.db.flush();
		else if (kind === 1) await scene.db.compact();
		else if (kind === 2) await copy(scene);
		else {
			await commit(scene.db, changes, kind);
			for (const [key, value] of changes) model.set(key, value);
		}
		ledger.count("calls that went well");
	} catch (error) {
		checkFull(error);
		ledger.count("calls that found the disk full");
		if (kind > 2) scene.doubt ??= changes;
		if (random.once(3)) await reopen(scene);
	}
}

function commit(db: Database, changes: ReadonlyMap<string, string>, kind: number): Promise<void> | void {
	const operations = [...changes].map(([key, value]) => ({ type: "put" as const, key, value }));
	if (kind < 6) return db.batch(operations, { sync: kind === 3 });
	if (kind < 10) return db.batchSync(operations, { sync: kind === 6 });
	return db.transaction((tx) => tx.batch(operations));
}

/** A checkpoint is whole, or there is nothing of it. */
async function copy({ db, disk, options, model }: Scene): Promise<void> {
	const { storage } = disk;
	try {
		await db.checkpoint(COPY);
		using made = openStorage(storage, COPY, { ...options, readOnly: true });
		if ([...made.keys()].length !== model.size) throw new Violation("lost", "entries of a checkpoint");
		made.closeSync();
	} finally {
		const left = storage.exists(COPY) ? storage.list(COPY) : [];
		for (const name of left) storage.remove(storage.join(COPY, name));
		if (left.length > 0 && !left.includes("CURRENT")) {
			// biome-ignore lint/correctness/noUnsafeFinally: a worse failure than the one it hides.
			throw new Violation("wrong", `a checkpoint that failed left ${left.join(", ")}`);
		}
	}
}

/** Closes, whatever that says, and opens again; where that is refused for lack of room, once there is some. */
async function reopen(scene: Scene): Promise<void> {
	const { disk, options, ledger } = scene;
	await scene.db.close().catch(checkFull);
	try {
		scene.db = openStorage(disk.storage, DIRECTORY, { ...options, createIfMissing: false });
	} catch (error) {
		checkFull(error);
		ledger.count("openings refused");
		disk.capacity = Number.POSITIVE_INFINITY;
		scene.db = openStorage(disk.storage, DIRECTORY, { ...options, createIfMissing: false });
	}
	ledger.count("reopenings");
	check(scene);
}

/** After there is room again either writing goes on, or the error says that the database is to be opened again, and that helps. */
async function goOn(scene: Scene): Promise<void> {
	for (let tries = 0; tries < 3; tries++) {
		try {
			await scene.db.put("key again", "there is room");
			scene.model.set("key again", "there is room");
			await scene.db.flush();
			return;
		} catch (error) {
			const { message } = checkFull(error);
			if (message.includes("open it again")) await reopen(scene);
		}
	}
	throw new Violation("refused", "writing does not go on, though there is room");
}

function lookUp({ db, model, random, doubt }: Scene): void {
	for (let left = 10; left > 0; left--) {
		const key = keyOf(random.below(400));
		const value = db.getSync(key);
		if (value === model.get(key) || (value !== undefined && value === doubt?.get(key))) continue;
		throw new Violation("lost", `${key} is ${value?.slice(0, 20)}, not ${model.get(key)?.slice(0, 20)}`);
	}
}

/** Everything acknowledged is there; of a commit that failed everything or nothing. */
function check(scene: Scene): void {
	const { db, model, doubt } = scene;
	const found = new Map(db.entries());
	if (isSame(found, model)) {
		scene.doubt = undefined;
		return;
	}
	const changed = new Map([...model, ...(doubt ?? [])]);
	if (!isSame(found, changed)) throw new Violation("lost", `${found.size} entries, ${model.size} were acknowledged`);
	for (const [key, value] of changed) model.set(key, value);
	scene.doubt = undefined;
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
	return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}

/** Nothing that jobs could not finish piles up. */
async function checkFiles({ db, disk }: Scene): Promise<void> {
	const { levels } = await db.stats();
	const tables = levels.reduce((sum, { files }) => sum + files, 0);
	const names = disk.storage.list(DIRECTORY);
	const stray = names.length - tables;
	if (names.filter((name) => name.endsWith(".sst")).length !== tables || stray > 5) {
		throw new Violation("wrong", `${tables} tables are in use, and there are ${names.join(", ")}`);
	}
	const { problems } = await db.verify();
	if (problems.length > 0) throw new Violation("wrong", `verify: ${problems.map(({ message }) => message).join("; ")}`);
}
