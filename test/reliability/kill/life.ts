import { rmSync } from "node:fs";
import * as path from "node:path";
import type { Database } from "../../../host/database.js";
import { type OpenOptions, openSync } from "../../../host/index.js";
import { Random } from "../../support/random.js";
import { type Ledger, Violation } from "../ledger.js";
import { checkCheckpoints } from "./checkpoints.js";
import { acknowledgedBy, History } from "./history.js";
import { expectLocked } from "./locked.js";
import type { Moment } from "./moment.js";
import { Child } from "./process.js";
import { difference, digestOf, examine, openWhole, readIfThere, readState } from "./state.js";
import { settleExpiries } from "./steps.js";
import type { WriterOrder } from "./writer.js";

/** A directory that writers work on one after the other, each until it is killed. The folder that it is in is the life's own. */
export class Life {
	readonly #directory: string;
	readonly #seed: number;
	readonly #random: Random;
	readonly #ledger: Ledger;
	/** What is in the database. */
	readonly #history: History;
	/** A reader from an earlier round, and what it saw when it was opened. */
	#held: { readonly reader: Database; readonly digest: string } | undefined;
	#round = 0;

	constructor(directory: string, seed: number, ledger: Ledger) {
		this.#directory = directory;
		this.#seed = seed;
		this.#random = new Random(seed);
		this.#ledger = ledger;
		this.#history = new History(seed);
	}

	get rounds(): number {
		return this.#round;
	}

	/** One writer, killed; then what a reader sees, and in some rounds what a writer of this process does. */
	async round(): Promise<void> {
		const random = this.#random;
		this.#round += 1;
		const order: WriterOrder = {
			directory: this.#directory,
			seed: this.#seed,
			from: this.#history.steps,
			window: random.pick([1, 4, 30]),
			options: optionsOf(random),
		};
		const own = random.once(3);
		const moment: Moment = {
			at: 1 + random.below(random.pick([12, 40, 250, 900])),
			how: random.pick(["before", "half"]),
			signal: "SIGKILL",
		};
		const writer = new Child("writer", [JSON.stringify(order)], own ? undefined : moment);
		try {
			if (own) await this.#beside(writer);
		} finally {
			if (own) await writer.kill();
		}
		const ended = await writer.end();
		if (ended.signal !== "SIGKILL")
			throw new Violation("wrong", `the writer ended with ${ended.code}: ${ended.stderr}`);
		this.#ledger.count(own ? "kills from outside" : "kills at a change to files");
		this.#checkOpened(writer.lines);
		const begin = this.#history.copy();
		this.#checkSurvived(writer.lines, order.window);
		const { steps } = this.#history;
		const whole = await checkCheckpoints(this.#directory, writer.lines, begin, order.window, steps);
		this.#ledger.count("checkpoints of killed writers", whole);
		this.#checkHeld();
		if (random.once(3)) await this.#examine();
		if (random.once(3)) this.#hold();
	}

	/** What this process does while the writer writes. */
	async #beside(writer: Child): Promise<void> {
		const random = this.#random;
		await writer.said(1);
		if (random.once(2)) await this.#watch(writer);
		if (random.once(3)) await this.#stop(writer);
		else await writer.said(writer.lines.length + random.pick([0, 1, 30, 300]));
	}

	/** Ends with all of it looked at once more. */
	async end(): Promise<void> {
		this.#held?.reader.closeSync();
		this.#held = undefined;
		if (this.#history.steps > 0) await this.#examine();
	}

	/** Frees what it holds. */
	remove(): void {
		this.#held?.reader.closeSync();
		this.#held = undefined;
		rmSync(path.dirname(this.#directory), { recursive: true, force: true });
	}

	/** The next process has found what the one before left. */
	#checkOpened([line]: readonly string[]): void {
		if (line === undefined) return;
		this.#ledger.count("reopenings");
		if (line !== `open ${digestOf(this.#history.state)}`) {
			throw new Violation(
				"wrong",
				`step ${this.#history.steps}: the next writer found another state than a reader before it`,
			);
		}
	}

	/** Whether what is there are the acknowledged steps, and after them at most those that were under way. */
	#checkSurvived(lines: readonly string[], window: number): void {
		const found = readIfThere(this.#directory);
		const acknowledged = acknowledgedBy(lines) ?? this.#history.steps;
		if (found === undefined) {
			if (lines.length > 0 || this.#history.steps > 0) throw new Violation("lost", "there is no database any more");
			return;
		}
		this.#ledger.count("acknowledged commits checked", acknowledged - this.#history.steps);
		this.#history.advance(found, acknowledged, acknowledged + window + 1);
	}

	/** Readers see a prefix while the writer writes, and no less than what was acknowledged before they were opened. */
	async #watch(writer: Child): Promise<void> {
		const looks = this.#random.pick([2, 10]);
		for (let look = 0; look < looks && !writer.over; look++) {
			await writer.said(writer.lines.length + 1);
			this.#look(writer);
		}
	}

	#look({ lines }: Child): void {
		const before = acknowledgedBy(lines) ?? this.#history.steps;
		const db = openWhole(this.#directory, { readOnly: true });
		settleExpiries();
		const found = readState(db);
		db.closeSync();
		this.#ledger.count("looks beside a writer");
		// It may have gone on meanwhile, by as much as it has done until it waits for this process to read.
		this.#history.copy().advance(found, before, before + BESIDE_LIMIT);
	}

	/** A process that is stopped is alive: its lock holds, and readers see what it has written. */
	async #stop(writer: Child): Promise<void> {
		writer.signal("SIGSTOP");
		this.#ledger.count("stopped writers");
		expectLocked(this.#directory, writer.pid);
		this.#look(writer);
		expectLocked(this.#directory, writer.pid);
		// Else it is killed as it is.
		if (this.#random.once(2)) return;
		writer.signal("SIGCONT");
		await writer.said(writer.lines.length + 1);
	}

	/** As the next writer would, in this process. */
	async #examine(): Promise<void> {
		if (readIfThere(this.#directory) === undefined) return;
		this.#ledger.count("reopenings");
		const kernel = this.#random.pick(["wasm", "ts"] as const);
		const differs = difference(await examine(this.#directory, { kernel }), this.#history.state);
		if (differs !== undefined) throw new Violation("lost", `${differs} for a writer, though a reader saw it`);
	}

	#hold(): void {
		this.#held?.reader.closeSync();
		this.#held = undefined;
		if (readIfThere(this.#directory) === undefined) return;
		const reader = openSync(this.#directory, { readOnly: true, blockCacheBytes: 0 });
		this.#held = { reader, digest: digestOf(this.#history.state) };
	}

	/** A reader keeps what it saw, whatever writers have done, and been killed at, since. */
	#checkHeld(): void {
		if (this.#held === undefined) return;
		this.#ledger.count("looks of an old reader");
		const { reader, digest } = this.#held;
		if (digestOf(readState(reader)) !== digest) throw new Violation("wrong", "an open reader sees another state");
	}
}

/** Steps that a writer gets ahead of this process while a reader opens. */
const BESIDE_LIMIT = 20_000;

function optionsOf(random: Random): OpenOptions {
	return {
		sync: random.once(3),
		kernel: random.pick(["wasm", "ts"]),
		background: random.pick(["worker", "inline"]),
		compression: random.pick(["lz4", "none"]),
	};
}
