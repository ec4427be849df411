import { Violation } from "./ledger.js";
import type { Entry, History, Read, Session, Step, Write } from "./recorded-history.js";

/** What was in a history that is as it should be. */
export interface HistoryFigures {
	readonly commits: number;
	readonly conflicts: number;
	readonly reads: number;
	/** Pairs of transactions that overlapped, each of which read what the other one wrote, and that both committed. */
	readonly skews: number;
}

/** A value that a key had from the commit of that number on. */
interface Version {
	readonly commit: number;
	readonly value: string | undefined;
}

/** The database after each commit: 0 is the empty one, commit number n the n-th that was asked for of those that were made. */
class Timeline {
	/** In the order of their commits. */
	readonly commits: readonly Session[];
	readonly keys: readonly string[];
	readonly #versions = new Map<string, Version[]>();
	readonly #numbers = new Map<Session, number>();

	constructor(sessions: readonly Session[]) {
		this.commits = sessions.filter(({ ending }) => ending === "committed").sort((a, b) => a.asked - b.asked);
		for (const [index, session] of this.commits.entries()) {
			this.#numbers.set(session, index + 1);
			for (const step of session.steps) if (isWrite(step)) this.#apply(step, index + 1);
		}
		this.keys = [...this.#versions.keys()].sort();
	}

	#apply(write: Write, commit: number): void {
		if (write.kind !== "deleteRange") {
			this.#add(write.key, commit, write.kind === "put" ? write.value : undefined);
			return;
		}
		for (const key of this.#versions.keys()) if (covers(write, key)) this.#add(key, commit, undefined);
	}

	#add(key: string, commit: number, value: string | undefined): void {
		const versions = this.#versions.get(key);
		if (versions === undefined) this.#versions.set(key, [{ commit, value }]);
		else versions.push({ commit, value });
	}

	numberOf(session: Session): number {
		return this.#numbers.get(session) ?? Number.POSITIVE_INFINITY;
	}

	at(key: string, commit: number): string | undefined {
		return this.#versions.get(key)?.findLast((version) => version.commit <= commit)?.value;
	}

	/** The states that a session may have seen, as numbers of commits. */
	seenBy({ began, seen }: Session): { readonly first: number; readonly last: number } {
		// What was acknowledged before is seen, with all that came before it; what was not yet asked for is not.
		const first = this.commits.findLastIndex(({ settled }) => settled < began) + 1;
		const last = this.commits.findLastIndex(({ asked }) => asked < seen) + 1;
		return { first, last };
	}
}

/** Throws a Violation where the history is not one of snapshot isolation with first-committer-wins. */
export function checkHistory({ sessions }: History): HistoryFigures {
	const timeline = new Timeline(sessions);
	let reads = 0;
	const states = new Map<Session, number>();
	for (const session of sessions) {
		reads += session.steps.filter((step) => !isWrite(step)).length;
		states.set(session, checkSession(timeline, session, sessions));
	}
	const conflicts = sessions.filter(({ ending }) => ending === "conflict").length;
	return { commits: timeline.commits.length, conflicts, reads, skews: countSkews(timeline, states) };
}

/** Answers the number of the commit up to which the session saw everything. */
function checkSession(timeline: Timeline, session: Session, sessions: readonly Session[]): number {
	const { first, last } = timeline.seenBy(session);
	let wrong: Read | undefined;
	let refuted = false;
	for (let state = last; state >= first; state--) {
		const differing = session.steps.find((step, index) => !isWrite(step) && !matches(timeline, session, index, state));
		wrong ??= differing as Read | undefined;
		if (differing !== undefined) continue;
		if (endsRightly(timeline, session, state)) return state;
		refuted = true;
	}
	if (refuted) {
		const { ending, name } = session;
		if (ending === "committed") {
			throw new Violation("lost", `${name} committed over a write that it had not seen: ${told(session.steps)}`);
		}
		throw new Violation("wrong", `${name} was refused, and nobody had written what it wrote: ${told(session.steps)}`);
	}
	const read = wrong as Read;
	const where = `${session.name}, which saw commits up to one of ${first} to ${last}`;
	throw new Violation(
		kindOf(timeline, read, first),
		`${where}, read ${told([read])}; ${blame(timeline, read, sessions)}`,
	);
}

function isWrite(step: Step): step is Write {
	return step.kind !== "get" && step.kind !== "scan";
}

function covers(range: { readonly gte: string; readonly lt: string }, key: string): boolean {
	return key >= range.gte && key < range.lt;
}

/** What a session sees of a key before its step of that index: its own writes first. */
function view(timeline: Timeline, { steps }: Session, before: number, key: string, state: number): string | undefined {
	for (let index = before - 1; index >= 0; index--) {
		const step = steps[index] as Step;
		if (!isWrite(step)) continue;
		if (step.kind === "deleteRange" ? covers(step, key) : step.key === key) {
			return step.kind === "put" ? step.value : undefined;
		}
	}
	return timeline.at(key, state);
}

function matches(timeline: Timeline, session: Session, index: number, state: number): boolean {
	const read = session.steps[index] as Read;
	if (read.kind === "get") return view(timeline, session, index, read.key, state) === read.value;
	// Keys that only this session has written, and may not have committed, count too.
	const own = session.steps.flatMap((step) => (step.kind === "put" ? [step.key] : []));
	const keys = [...new Set([...timeline.keys, ...own])].filter((key) => covers(read, key)).sort();
	if (read.reverse) keys.reverse();
	const expected: Entry[] = [];
	for (const key of keys) {
		const value = view(timeline, session, index, key, state);
		if (value !== undefined && expected.length < read.limit) expected.push([key, value]);
	}
	return expected.length === read.entries.length && expected.every((entry, at) => same(entry, read.entries[at]));
}

function same([key, value]: Entry, other: Entry | undefined): boolean {
	return other !== undefined && other[0] === key && other[1] === value;
}

/** Whether the commit was made or refused as it had to be, for a session that saw the commits up to `state`. */
function endsRightly(timeline: Timeline, session: Session, state: number): boolean {
	const { ending, isolated, steps, asked } = session;
	if (ending === "read" || ending === "rolled back") return true;
	const since = timeline.commits.slice(state).filter((commit) => commit !== session && commit.asked < asked);
	const writes = steps.filter(isWrite);
	const conflicts = isolated && since.some((commit) => overlap(commit.steps.filter(isWrite), writes));
	return conflicts === (ending === "conflict");
}

function overlap(some: readonly Write[], others: readonly Write[]): boolean {
	return some.some((one) => others.some((other) => touches(one, other)));
}

function touches(one: Write, other: Write): boolean {
	if (one.kind !== "deleteRange") return other.kind === "deleteRange" ? covers(other, one.key) : other.key === one.key;
	if (other.kind !== "deleteRange") return covers(one, other.key);
	return one.gte < other.lt && other.gte < one.lt;
}

function countSkews(timeline: Timeline, states: ReadonlyMap<Session, number>): number {
	let skews = 0;
	const isolated = timeline.commits.filter((session) => session.isolated);
	for (const [index, one] of isolated.entries()) {
		for (const other of isolated.slice(index + 1)) {
			// The later one began before the earlier one had committed.
			if ((states.get(other) ?? 0) >= timeline.numberOf(one)) continue;
			if (reads(one, other) && reads(other, one)) skews += 1;
		}
	}
	return skews;
}

/** Whether the one has looked up a key that the other one wrote. */
function reads(one: Session, other: Session): boolean {
	const keys = one.steps.flatMap((step) => (step.kind === "get" ? [step.key] : []));
	return other.steps.some((step) => step.kind === "put" && keys.includes(step.key));
}

/** Where a value that it lacks was there to be seen, something is lost; where it is an old one, that is back. */
function kindOf(timeline: Timeline, read: Read, first: number): "lost" | "resurrected" | "wrong" {
	if (read.kind !== "get") return "wrong";
	if (read.value === undefined) return timeline.at(read.key, first) === undefined ? "wrong" : "lost";
	for (let commit = 0; commit < first; commit++) {
		if (timeline.at(read.key, commit) === read.value) return "resurrected";
	}
	return "wrong";
}

/** Who wrote what should not have been read. */
function blame(timeline: Timeline, read: Read, sessions: readonly Session[]): string {
	const values = read.kind === "get" ? [read.value] : read.entries.map(([, value]) => value);
	for (const session of sessions) {
		if (session.ending === "committed") continue;
		if (session.steps.some((step) => step.kind === "put" && values.includes(step.value))) {
			return `${session.name}, which is ${session.ending}, wrote it`;
		}
	}
	const writers = timeline.commits.filter(({ steps }) =>
		steps.some((step) => step.kind === "put" && values.includes(step.value)),
	);
	const named = writers.map((session) => `${session.name} (commit ${timeline.numberOf(session)})`);
	return named.length === 0 ? "nobody wrote it" : `it is of ${named.slice(0, 5).join(", ")}`;
}

/** Steps, with values shortened to their writers' names. */
function told(steps: readonly Step[]): string {
	const brief = (value: string | undefined) => value?.split(" ", 3).join(" ");
	const parts = steps.map((step) => {
		if (step.kind === "put" || step.kind === "get") return `${step.kind} ${step.key} = ${brief(step.value)}`;
		if (step.kind === "delete") return `delete ${step.key}`;
		const range = `${step.kind} [${step.gte}, ${step.lt})`;
		return step.kind === "scan" ? `${range}: ${step.entries.length} entries` : range;
	});
	return parts.join(", ");
}
