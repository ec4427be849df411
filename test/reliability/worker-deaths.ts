import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import { open, openSync } from "../../host/index.js";
import { withDirectory } from "../support/database.js";
import { Random } from "../support/random.js";
import type { Illness } from "../support/sick-worker.js";
import { type Patients, withSickWorkers } from "../support/sick-workers.js";
import { type Ledger, Violation } from "./ledger.js";

const OPTIONS = { memtableBytes: 16 << 10, blockBytes: 512, background: "worker" } as const;
const COMMITS = 400;

type Death = Illness["kind"] | "terminated";
const DEATHS: readonly Death[] = ["terminated", "terminated", "exit", "throw", "out of memory"];

const keyOf = (number: number) => `key ${(number * 7919) % 500}`;
const valueFor = (number: number) => `${number} `.repeat(1 + (number % 40));

/** What is known of a database whose worker dies. */
class Patient {
	/** Values that were acknowledged, and those of commits that failed since: these may be there or not. */
	readonly #acknowledged = new Map<string, string>();
	readonly #doubtful = new Map<string, Set<string>>();
	failures = 0;
	reopenings = 0;

	acknowledge(number: number): void {
		this.#acknowledged.set(keyOf(number), valueFor(number));
		this.#doubtful.delete(keyOf(number));
	}

	doubt(number: number): void {
		const key = keyOf(number);
		const values = this.#doubtful.get(key) ?? new Set();
		this.#doubtful.set(key, values.add(valueFor(number)));
	}

	check(db: Database): void {
		const entries = new Map(db.entries());
		for (const [key, value] of this.#acknowledged) {
			const found = entries.get(key);
			if (found === value || (found !== undefined && this.#doubtful.get(key)?.has(found))) continue;
			throw new Violation("lost", `${key} is ${found?.slice(0, 20)}, not ${value.slice(0, 20)}`);
		}
		for (const key of entries.keys()) {
			if (!this.#acknowledged.has(key) && !this.#doubtful.has(key)) throw new Violation("wrong", `nobody wrote ${key}`);
		}
	}
}

/** What failed says so as documented, and whether the handle is good for nothing any more. */
function isFinal(error: unknown): boolean {
	if (!(error instanceof WlsmError) || error.code !== "WLSM_IO") throw error;
	if (!/worker|earlier failure/.test(error.message)) throw error;
	return error.message.includes("Close the database and open it again");
}

/** Writers go on while the background worker dies, again and again. */
export function runWorkerDeaths(ledger: Ledger, seed: number): Promise<void> {
	const random = new Random(seed);
	return withDirectory((directory) =>
		withSickWorkers(async (patients) => {
			const patient = new Patient();
			const path = join(directory, "db");
			let db = await open(path, OPTIONS);
			for (let number = 0; number < COMMITS; number++) {
				if (number % 80 === 0) harm(ledger, random, patients);
				if (random.once(60)) terminate(ledger, patients);
				if (await doOne(patient, random, db, number)) {
					await closeFailed(db);
					patient.reopenings += 1;
					db = await open(path, OPTIONS);
					patient.check(db);
				}
			}
			patients.next = undefined;
			patient.check(db);
			await closeFailed(db);
			check(patient, path);
			ledger.count("workers started", patients.started.length);
			ledger.count("calls that failed with their worker", patient.failures);
			ledger.count("reopenings", patient.reopenings);
		}),
	);
}

/** The next worker falls ill. */
function harm(ledger: Ledger, random: Random, patients: Patients): void {
	const kind = random.pick(DEATHS);
	if (kind === "terminated") return;
	patients.next = { kind, after: random.below(kind === "throw" ? 4 : 20) };
	ledger.count(`workers made to: ${kind}`);
}

function terminate(ledger: Ledger, { started }: Patients): void {
	void started.at(-1)?.terminate();
	ledger.count("workers terminated");
}

/** One call; true where the database has to be opened again. */
async function doOne(patient: Patient, random: Random, db: Database, number: number): Promise<boolean> {
	const kind = random.below(30);
	try {
		if (kind === 0) await db.flush();
		else if (kind === 1) await db.compact();
		else if (kind < 10) db.putSync(keyOf(number), valueFor(number));
		else await db.put(keyOf(number), valueFor(number));
		if (kind > 1) patient.acknowledge(number);
		// Messages of the worker, and of its end, come in.
		if (random.once(4)) await setImmediate();
		return false;
	} catch (error) {
		patient.failures += 1;
		if (kind > 1) patient.doubt(number);
		return isFinal(error);
	}
}

/** Closing may tell what has failed before. */
async function closeFailed(db: Database): Promise<void> {
	try {
		await db.close();
	} catch (error) {
		isFinal(error);
	}
}

function check(patient: Patient, path: string): void {
	using db = openSync(path, { ...OPTIONS, createIfMissing: false, background: "inline" });
	patient.check(db);
}

/** A worker that falls silent is ended after half a minute: what waited for it is told, and the handle goes on or says what to do. */
export function runSilentWorker(ledger: Ledger): Promise<void> {
	return withDirectory((directory) =>
		withSickWorkers(async (patients) => {
			patients.next = { kind: "silent", after: 0 };
			const patient = new Patient();
			const path = join(directory, "db");
			const db = await open(path, OPTIONS);
			await db.put(keyOf(1), valueFor(1));
			patient.acknowledge(1);
			let failure: unknown;
			await db.flush().catch((error: unknown) => {
				failure = error;
			});
			if (!(failure instanceof WlsmError) || !failure.message.includes("no progress")) {
				throw new Violation("wrong", "a flush in a silent worker says that it is done", { cause: failure });
			}
			isFinal(failure);
			await db.put(keyOf(2), valueFor(2));
			patient.acknowledge(2);
			// The next worker is well.
			await db.flush();
			patient.check(db);
			await db.close();
			check(patient, path);
			ledger.count("silent workers");
		}),
	);
}
