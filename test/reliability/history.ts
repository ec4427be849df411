import { Violation } from "./ledger.js";

export type State = ReadonlyMap<string, string>;
export type Entries = readonly (readonly [key: string, value: string])[];

/** What has to be there: all that was acknowledged, or all that was promised to be durable. */
export type Promised = "acknowledged" | "durable";

/** A checkpoint that was begun: what it is to hold, and whether it was said to be whole. */
interface Copy {
	readonly directory: string;
	readonly state: State;
	whole: boolean;
}

/** What happened to a database: its state after each commit that was tried, and how far it is known to have come. */
export class History {
	readonly #states: State[] = [new Map()];
	/** Index of the last state that was acknowledged, and of the last that was promised to be durable. */
	#acknowledged = 0;
	#durable = 0;
	readonly copies: Copy[] = [];

	get latest(): State {
		return this.#states.at(-1) as State;
	}

	/** Number of commits that were acknowledged, and of those that were promised to be durable. */
	get acknowledged(): number {
		return this.#acknowledged;
	}

	get durable(): number {
		return this.#durable;
	}

	/** Notes a commit that is about to be tried, and answers what acknowledges it. */
	tried(change: (state: Map<string, string>) => void): (sync: boolean) => void {
		const state = new Map(this.latest);
		change(state);
		this.#states.push(state);
		const index = this.#states.length - 1;
		return (sync) => {
			this.#acknowledged = Math.max(this.#acknowledged, index);
			if (sync) this.#durable = Math.max(this.#durable, index);
		};
	}

	/** Of commits tried at the same time some failed: the state is one of these. Those that did not fail are in all of them. */
	branched(states: readonly State[]): void {
		this.#states.push(...states);
		this.#acknowledged = this.#states.length - states.length;
	}

	/** The commit that was tried last was refused before anything of it was written. */
	refused(): void {
		this.#states.pop();
	}

	/** Number of states that were tried, the first one counted. */
	get tries(): number {
		return this.#states.length;
	}

	/** Everything acknowledged has become durable: a clean close, for one. */
	settled(): void {
		this.#durable = this.#acknowledged;
	}

	/**
	 * The database is in this one of the states that were tried, after a failure that left it open which: it goes on from there.
	 * Throws a Violation where what was promised is not there.
	 */
	resumed(entries: Entries, promised: Promised): void {
		const from = this.#from(promised);
		const index = this.#find(entries, from);
		if (index === undefined) throw this.#violation(entries, from, promised);
		this.#states.push(this.#states[index] as State);
		this.#acknowledged = this.#states.length - 1;
	}

	/** Throws a Violation unless the entries are one of the states from the last durable, or acknowledged, one on. */
	check(entries: Entries, promised: Promised): void {
		const from = this.#from(promised);
		if (this.#find(entries, from) === undefined) throw this.#violation(entries, from, promised);
	}

	#from(promised: Promised): number {
		return promised === "durable" ? this.#durable : this.#acknowledged;
	}

	#find(entries: Entries, from: number): number | undefined {
		for (let index = this.#states.length - 1; index >= from; index--) {
			if (isState(this.#states[index] as State, entries)) return index;
		}
		return undefined;
	}

	#violation(entries: Entries, from: number, promised: string): Violation {
		const earlier = this.#find(entries, 0);
		if (earlier !== undefined) {
			return new Violation("lost", `it is in state ${earlier}, and ${from} was ${promised}`);
		}
		const possible = this.#states.slice(from);
		for (const [key, value] of entries) {
			if (possible.some((state) => state.get(key) === value)) continue;
			const was = this.#states.slice(0, from).some((state) => state.get(key) === value);
			return new Violation(was ? "resurrected" : "wrong", `${key} is ${value.slice(0, 40)}`);
		}
		const found = new Set(entries.map(([key]) => key));
		for (const key of new Set(possible.flatMap((state) => [...state.keys()]))) {
			if (!found.has(key) && possible.every((state) => state.has(key)))
				return new Violation("lost", `${key} is absent`);
		}
		return new Violation("torn", `${entries.length} entries of no state from ${from} on`);
	}

	/** Throws a Violation unless a checkpoint holds what it was taken of. */
	checkCopy({ directory, state }: Copy, entries: Entries): void {
		if (isState(state, entries)) return;
		throw new Violation("wrong", `the checkpoint ${directory} has ${entries.length} entries, not what it was taken of`);
	}
}

function isState(state: State, entries: Entries): boolean {
	return state.size === entries.length && entries.every(([key, value]) => state.get(key) === value);
}
