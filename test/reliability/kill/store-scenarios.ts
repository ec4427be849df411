import * as path from "node:path";
import { openSync } from "../../../host/index.js";
import { Violation } from "../ledger.js";
import { acknowledgedBy, History } from "./history.js";
import { expectDoneOrKilled, expectState, leaveCrashed, type Scenario, wrongState } from "./scenario.js";
import { copyState, difference, emptyState, examine, lookAt, readIfThere, readState, type State } from "./state.js";
import type { WriterOrder } from "./writer.js";

/** A database comes into being with its first entry. */
export function creation(): Scenario {
	const nested = (directory: string) => path.join(directory, "a", "b");
	const whole: State = { pairs: new Map([["key", "value"]]), rows: new Map() };
	return {
		name: "creation",
		signals: "SIGKILL",
		script: "cli",
		repeatable: "again",
		prepare() {},
		words: ({ directory }) => ["put", "key", "value", "--db", nested(directory)],
		async check({ directory }, ended) {
			expectDoneOrKilled(ended);
			const found = readIfThere(nested(directory));
			if (ended.code === 0) await expectState(nested(directory), whole);
			else if (found !== undefined) await expectEither(nested(directory), emptyState(), whole);
			// The next one makes it, or makes it complete.
			const db = openSync(nested(directory));
			db.putSync("key", "value");
			db.closeSync();
			await expectState(nested(directory), whole);
		},
	};
}

/** A put into what a killed writer left: its lock is taken over, its logs are replayed, its leftovers removed. */
export function recovery(seed: number): Scenario {
	let before = emptyState();
	return {
		name: "recovery",
		signals: "SIGKILL",
		script: "cli",
		repeatable: "again",
		async prepare({ directory }) {
			await leaveCrashed(directory, seed);
			before = readIfThere(directory) ?? before;
		},
		words: ({ directory }) => ["put", "probe", "value", "--db", directory],
		async check({ directory }, ended) {
			expectDoneOrKilled(ended);
			const after = copyState(before);
			after.pairs.set("probe", "value");
			if (ended.code === 0) await expectState(directory, after);
			else await expectEither(directory, before, after);
		},
	};
}

/** A short life from creation to closing, with flushes and a compaction. */
export function session(seed: number): Scenario {
	const steps = 50;
	return {
		name: "session",
		signals: "SIGKILL",
		script: "writer",
		repeatable: "once",
		prepare() {},
		words({ directory }) {
			const options = { kernel: "ts", background: "inline" } as const;
			const order: WriterOrder = { directory, seed, from: 0, steps, window: 1, options };
			return [JSON.stringify(order)];
		},
		async check({ directory }, ended) {
			expectDoneOrKilled(ended);
			const lines = ended.stdout.split("\n");
			const acknowledged = ended.code === 0 ? steps : (acknowledgedBy(lines) ?? 0);
			const found = readIfThere(directory);
			if (found === undefined) {
				if (lines.length > 1) throw new Violation("lost", "there is no database any more");
				return;
			}
			const history = new History(seed);
			history.advance(found, acknowledged, Math.min(steps, acknowledged + 1));
			await expectState(directory, history.state);
		},
	};
}

/** All tables become one; nothing that anybody can see changes. The work is done in a worker. */
export function compaction(seed: number): Scenario {
	let before = emptyState();
	return {
		name: "compact",
		signals: "SIGKILL",
		script: "cli",
		repeatable: "again",
		async prepare({ directory }) {
			await leaveCrashed(directory, seed);
			before = readIfThere(directory) ?? before;
		},
		words: ({ directory }) => ["compact", "--db", directory],
		async check({ directory }, ended) {
			expectDoneOrKilled(ended);
			await expectState(directory, before);
		},
	};
}

const INSERTS = Array.from({ length: 5 }, (_, id) => `INSERT INTO orders VALUES (${id}, 'order ${id}')`);

/** A transaction of several statements is there as a whole or not at all; statements outside of one are there one by one. */
export function statements(seed: number, within: "transaction" | "nothing"): Scenario {
	let before = emptyState();
	return {
		name: `statements within ${within}`,
		signals: "SIGKILL",
		script: "cli",
		repeatable: "once",
		async prepare({ directory }) {
			await leaveCrashed(directory, seed);
			const db = openSync(directory);
			db.sql.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, what TEXT UNIQUE)");
			before = readState(db);
			db.closeSync();
		},
		words({ directory }) {
			const script = within === "transaction" ? ["BEGIN", ...INSERTS, "COMMIT"] : INSERTS;
			return ["query", script.join("; "), "--db", directory];
		},
		async check({ directory }, ended) {
			expectDoneOrKilled(ended);
			const rows = lookAt(directory, ({ sql }) => sql.prepare("SELECT id, what FROM orders ORDER BY what").raw().all());
			const count = rows?.length ?? -1;
			const expected = INSERTS.map((_, id) => [id, `order ${id}`]).slice(0, count);
			if (JSON.stringify(rows) !== JSON.stringify(expected)) throw new Violation("wrong", JSON.stringify(rows));
			if (ended.code === 0 && count < INSERTS.length) throw new Violation("lost", `${count} rows of ${INSERTS.length}`);
			if (within === "transaction" && count % INSERTS.length !== 0) {
				throw new Violation("torn", `${count} rows of a transaction of ${INSERTS.length}`);
			}
			await expectState(directory, before);
		},
	};
}

async function expectEither(directory: string, one: State, other: State): Promise<void> {
	const found = await examine(directory);
	const differs = difference(found, one);
	if (differs !== undefined && difference(found, other) !== undefined) throw wrongState(differs);
}
