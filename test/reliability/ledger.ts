import { WlsmError } from "../../host/errors.js";

/** What a store may do wrong on a bad day. */
export const WRONGS = [
	/** Something acknowledged and durable is gone. */
	"lost",
	/** Half of a commit is there. */
	"torn",
	/** Something deleted or overwritten is back. */
	"resurrected",
	/** An answer that was never right, an undocumented error, damage that goes unnoticed. */
	"wrong",
	/** A case that took longer than it may. */
	"hung",
	/** A database that is whole, or could be, does not open. */
	"refused",
] as const;
export type Wrong = (typeof WRONGS)[number];

/** What a campaign found wrong. */
export class Violation extends Error {
	readonly kind: Wrong;

	constructor(kind: Wrong, message: string, options?: ErrorOptions) {
		super(message, options);
		this.kind = kind;
	}
}

/** No case takes longer, in milliseconds, that runs on this thread alone. */
export const CASE_LIMIT = 5000;
/** One that runs threads or a process, and one that runs several: how soon they get their turn is up to the machine's load. */
export const PROCESS_LIMIT = 60_000;
export const PROCESSES_LIMIT = 120_000;

/** Longest list of violations that is kept: the rest is only counted. */
const KEPT = 20;

/** Counts what a campaign did, and what was wrong. */
export class Ledger {
	readonly counts: Record<string, number> = {};
	readonly wrongs: Record<Wrong, number> = { lost: 0, torn: 0, resurrected: 0, wrong: 0, hung: 0, refused: 0 };
	readonly violations: { readonly kind: Wrong; readonly message: string }[] = [];
	cases = 0;
	/** Milliseconds of the case that took longest, and its name. */
	longest = { milliseconds: 0, name: "" };
	/** To be called now and then in a case that is long. */
	readonly alive: () => void;
	/** Called with each violation that was noted. */
	onViolation = () => {};

	/** `heartbeat` is called before and after each case. */
	constructor(heartbeat: () => void = () => {}) {
		this.alive = heartbeat;
	}

	/** Adds to a figure of the report. */
	count(name: string, by = 1): void {
		this.counts[name] = (this.counts[name] ?? 0) + by;
	}

	/**
	 * One case. What it throws is noted, a Violation as what it is, anything else as "wrong"; the campaign goes on. `name` says
	 * how the case is told from others, and how it is repeated. Answers whether all was well.
	 */
	async case(name: () => string, work: () => Promise<void> | void, limit = CASE_LIMIT): Promise<boolean> {
		const start = performance.now();
		this.cases += 1;
		this.alive();
		let well = true;
		try {
			await work();
		} catch (error) {
			well = false;
			this.fail(error instanceof Violation ? error.kind : "wrong", `${name()}: ${describe(error)}`);
		}
		const milliseconds = performance.now() - start;
		if (milliseconds > this.longest.milliseconds) this.longest = { milliseconds, name: name() };
		if (milliseconds > limit) this.fail("hung", `${name()}: took ${Math.round(milliseconds)} ms`);
		return well;
	}

	fail(kind: Wrong, message: string): void {
		this.wrongs[kind] += 1;
		if (this.violations.length < KEPT) this.violations.push({ kind, message });
		this.onViolation();
	}
}

/** An error with its causes. Of one that is not the library's, where it comes from. */
function describe(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const own = error instanceof WlsmError ? `${error.code} ${error.message}` : error.message;
	const documented = error instanceof WlsmError || error instanceof Violation;
	const where = documented ? "" : `\n${error.stack?.split("\n").slice(1, 8).join("\n")}`;
	return `${own}${where}${error.cause === undefined ? "" : `\n  because: ${describe(error.cause)}`}`;
}
