import { join } from "node:path";
import type { Database } from "../../host/database.js";
import type { OpenOptions } from "../../host/options.js";
import { MemoryStorage, NodeStorage } from "../../host/storage/index.js";
import type { Storage } from "../../host/storage/storage.js";
import { openStorage, withDirectory } from "../support/database.js";
import { Interleaving } from "../support/interleaving.js";
import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";
import { readAll, type Scene, use } from "./concurrent-work.js";
import { checkHistory, type HistoryFigures } from "./history-check.js";
import { type Ledger, Violation } from "./ledger.js";
import { History, type Session } from "./recorded-history.js";

/** Of every kind of database: kernel, place, who does the background's work. */
export function anyOptions(random: Random): OpenOptions {
	return {
		kernel: random.pick(kernels),
		memtableBytes: 16 << 10,
		blockBytes: random.pick([128, 512, 4096]),
		blockCacheBytes: random.pick([0, 0, 64 << 10]),
		background: random.pick(["worker", "worker", "inline"]),
		compression: random.pick(["lz4", "none"]),
		maxOpenFiles: random.pick([1, 500]),
	};
}

/** Runs the work with a storage and a directory: in memory, or on disk. */
export function somewhere<Answer>(
	random: Random,
	work: (storage: Storage, directory: string) => Promise<Answer>,
): Promise<Answer> {
	if (random.once(3)) return work(new MemoryStorage(), "/somewhere");
	return withDirectory((directory) => work(new NodeStorage(), directory));
}

/** Makes a history on a database that many use at once, and checks it. */
export async function runHistory(ledger: Ledger, seed: number): Promise<void> {
	const { history, figures } = await somewhere(new Random(seed), async (storage, directory) => {
		const made = await makeHistory(storage, directory, seed);
		return { history: made, figures: checkHistory(made) };
	});
	count(ledger, history, figures);
}

function count(ledger: Ledger, { sessions }: History, { commits, conflicts, reads, skews }: HistoryFigures): void {
	ledger.count("histories");
	ledger.count("transactions", sessions.filter(({ isolated }) => isolated).length);
	ledger.count("commits", commits);
	ledger.count("conflicts", conflicts);
	ledger.count("rolled back", sessions.filter(({ ending }) => ending === "rolled back").length);
	ledger.count("reads", reads);
	ledger.count("write skews", skews);
}

/** A checkpoint, and the session that is to be read from it. */
interface Copy {
	readonly path: string;
	readonly session: Session;
}

export async function makeHistory(storage: Storage, directory: string, seed: number): Promise<History> {
	const random = new Random(seed);
	const history = new History();
	const options = anyOptions(random);
	const path = join(directory, "db");
	let db = openStorage(storage, path, options);
	const copies: Copy[] = [];
	const scene: Scene = {
		db,
		random,
		history,
		turns: new Interleaving(random),
		checkpoint: async () => {
			const copy = { path: join(directory, `copy ${copies.length}`), session: history.begin("copy", false) };
			copies.push(copy);
			await db.checkpoint(copy.path);
			copy.session.seen = history.now();
		},
	};
	const users = random.pick([3, 20, 200]);
	const sessions = Math.ceil(400 / users);
	await scene.turns.run(Array.from({ length: users }, () => () => use(scene, sessions)));
	readAll(history.begin("last read", false), db);
	await finish(db);
	// What is on disk is the same to either kernel.
	db = openStorage(storage, path, { ...options, kernel: random.pick(kernels) });
	readAll(history.begin("last read", false), db);
	await finish(db);
	for (const { path: copied, session } of copies) {
		db = openStorage(storage, copied, { ...options, createIfMissing: false });
		readAll(session, db);
		await finish(db);
	}
	return history;
}

async function finish(db: Database): Promise<void> {
	const { ok, problems } = await db.verify();
	if (!ok) throw new Violation("wrong", `verify: ${problems.map(({ message }) => message).join("; ")}`);
	const { snapshots, iterators } = await db.stats();
	if (snapshots + iterators > 0) throw new Violation("wrong", `${snapshots} snapshots and ${iterators} iterators left`);
	await db.close();
}
