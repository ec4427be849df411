import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Database } from "../../../host/database.js";
import { isLockFile } from "../../../host/engine/lock.js";
import { formatOwner, parseOwner } from "../../../host/engine/lock-owner.js";
import { openSync } from "../../../host/index.js";
import { Random } from "../../support/random.js";
import { type Ledger, Violation } from "../ledger.js";
import { expectLocked, expectRefusal } from "./locked.js";
import { Child } from "./process.js";
import type { RacerOrder } from "./racer.js";
import { examine, lookAt } from "./state.js";

/** A directory that several processes open at the same moment, again and again. */
export class Race {
	readonly #directory: string;
	readonly #random: Random;
	readonly #ledger: Ledger;
	/** Keys that winners have said to have written, and those that they may have. */
	readonly #written = new Set<string>();
	readonly #started = new Set<string>();
	#round = 0;

	constructor(directory: string, seed: number, ledger: Ledger) {
		this.#directory = directory;
		this.#random = new Random(seed);
		this.#ledger = ledger;
	}

	get rounds(): number {
		return this.#round;
	}

	async round(): Promise<void> {
		const random = this.#random;
		this.#round += 1;
		if (random.once(4)) await this.#close();
		else if (random.once(3)) this.#reuse();
		const reader = existsSync(path.join(this.#directory, "CURRENT"))
			? openSync(this.#directory, { readOnly: true })
			: undefined;
		try {
			await this.#race(reader);
		} finally {
			reader?.closeSync();
		}
		this.#checkEntries();
	}

	/** Ends with all of it looked at once more. */
	async end(): Promise<void> {
		await this.#close();
		const left = readdirSync(this.#directory).filter(isLockFile);
		if (left.length > 0) throw new Violation("wrong", `left after closing: ${left.join(", ")}`);
	}

	remove(): void {
		rmSync(this.#directory, { recursive: true, force: true });
	}

	/** No lock is left, and nothing else that does not belong there. */
	async #close(): Promise<void> {
		if (!existsSync(this.#directory)) return;
		openSync(this.#directory).closeSync();
		await examine(this.#directory);
		this.#ledger.count("reopenings");
	}

	/** The lock that a killed process left names the pid of one that lives, this one, but not its start. */
	#reuse(): void {
		const file = path.join(this.#directory, "LOCK");
		const owner = existsSync(file) ? parseOwner(readFileSync(file)) : undefined;
		if (owner === undefined || owner.startTime === null) return;
		this.#ledger.count("reused pids");
		writeFileSync(file, formatOwner({ ...owner, pid: process.pid }));
	}

	async #race(reader: Database | undefined): Promise<void> {
		const random = this.#random;
		const before = reader === undefined ? 0 : [...reader.keys()].length;
		const racers = Array.from({ length: random.between(2, 4) }, (_, number) => {
			const key = `round ${this.#round} racer ${number}`;
			this.#started.add(key);
			const options = {
				kernel: random.pick(["wasm", "ts"] as const),
				background: random.pick(["worker", "inline"] as const),
			};
			const order: RacerOrder = { directory: this.#directory, key, options };
			// One of them may be killed in the midst of taking the lock, or of what follows.
			const doomed = number === 0 && random.once(2);
			const moment = {
				at: 1 + random.below(12),
				how: random.pick(["before", "half"] as const),
				signal: "SIGKILL",
			} as const;
			return { key, doomed, child: new Child("racer", [JSON.stringify(order)], doomed ? moment : undefined) };
		});
		try {
			await Promise.all(racers.map(({ child }) => child.said(1)));
			for (const { child } of racers) child.tell("go");
			await Promise.all(racers.map(({ child }) => child.said(2)));
			await this.#judge(racers);
			if (reader !== undefined && [...reader.keys()].length !== before) {
				throw new Violation("wrong", "an open reader sees what racers write");
			}
		} finally {
			const ended = await Promise.allSettled(racers.map(({ child }) => child.kill()));
			for (const { key, child } of racers) {
				if (!child.lines.includes("wrote")) continue;
				this.#written.add(key);
				this.#ledger.count("acknowledged commits checked");
			}
			for (const outcome of ended) if (outcome.status === "rejected") this.#ledger.fail("hung", String(outcome.reason));
		}
	}

	async #judge(racers: readonly { readonly doomed: boolean; readonly child: Child }[]): Promise<void> {
		this.#ledger.count("racers", racers.length);
		const held = racers.filter(({ child }) => child.lines[1] === "held");
		const [doomed] = racers.filter((racer) => racer.doomed);
		const [winner, second] = held.filter((racer) => !racer.doomed);
		// Who dies on the way may have kept the others out until then, or have held it before the winner did.
		if (second !== undefined || held.length + (doomed === undefined ? 0 : 1) === 0) {
			const said = racers.map(({ child }) => child.lines[1] ?? "nothing").join("; ");
			throw new Violation(
				second === undefined ? "refused" : "wrong",
				`${held.length} of ${racers.length} won: ${said}`,
			);
		}
		const pids = [...held, ...(doomed === undefined ? [] : [doomed])].map(({ child }) => child.pid);
		for (const racer of racers) {
			const answer = racer.child.lines[1];
			if (answer !== undefined && answer !== "held") expectRefusal(answer, pids);
		}
		if (winner === undefined) return;
		expectLocked(this.#directory, winner.child.pid);
		// It is dead, or there are two.
		if (doomed !== undefined && held.includes(doomed)) await doomed.child.end();
	}

	/** Each entry that a winner has written is there, and no other than a winner's. */
	#checkEntries(): void {
		const keys = new Set(lookAt(this.#directory, (db) => [...db.keys()]) ?? []);
		for (const key of this.#written) if (!keys.has(key)) throw new Violation("lost", `${key} is not there`);
		for (const key of keys) if (!this.#started.has(key)) throw new Violation("wrong", `${key} is there`);
	}
}
