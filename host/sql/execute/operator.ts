/**
 * Physical operators. An `Operator` is an immutable part of a plan; `open` starts one run of it. Rows are pulled in
 * batches: the caller says how many rows it can use, so that LIMIT and `get()` stop the work early.
 */

import type { ByteView } from "../../engine/store.js";
import { statementContext } from "../function/definition.js";
import type { FunctionContext } from "../function/scalar.js";
import type { Value } from "../value/value.js";
import type { SpillSpace } from "./spill/file.js";
import { rowBytes } from "./spill/size.js";
import type { Stop } from "./stop.js";

/** One row between operators. A consumer may keep it, nobody changes it after it was handed on. */
export type Tuple = Value[];

/** What one run of a statement may take. */
export interface RunLimits {
	readonly stop?: Stop | undefined;
	/** Where rows go that are not to be held in memory; absent where all are. */
	readonly spill?: SpillSpace | undefined;
}

/** Something that may hold more than memory. */
export interface Releasable {
	close(): void;
}

const NO_LIMITS: RunLimits = {};

const NOTHING: ReadonlyMap<object, readonly Tuple[]> = new Map();

/**
 * What one run of a query works with. A query inside an expression has an execution of its own for each run. Most
 * statements are short and need few of its parts, so these are made at first need.
 */
export class Execution {
	readonly view: ByteView;
	readonly parameters: readonly Value[];
	/** The values of the enclosing row that this query reads. */
	readonly outer: readonly Value[];
	/** The statement changes what it reads: a query that depends on the enclosing row is run anew for each. */
	readonly changing: boolean;
	/** What ends the run early; loops that may be long count their rows there. */
	readonly stop: Stop | undefined;
	readonly spill: SpillSpace | undefined;
	/** The rows of recursive queries that their steps see. */
	readonly working: ReadonlyMap<object, readonly Tuple[]>;
	readonly limits: RunLimits;
	readonly #connection: FunctionContext;
	readonly #statement: Execution;
	#functions: FunctionContext | undefined;
	#kept: Map<object, unknown> | undefined;
	#local: Map<object, Releasable> | undefined;

	constructor(
		view: ByteView,
		parameters: readonly Value[],
		connection: FunctionContext,
		limits = NO_LIMITS,
		changing = false,
		outer: readonly Value[] = [],
		statement?: Execution,
		working = NOTHING,
	) {
		this.view = view;
		this.parameters = parameters;
		this.#connection = connection;
		this.limits = limits;
		this.stop = limits.stop;
		this.spill = limits.spill;
		this.changing = changing;
		this.outer = outer;
		this.working = working;
		this.#statement = statement ?? this;
	}

	/** What functions know of the statement. */
	get functions(): FunctionContext {
		const statement = this.#statement;
		statement.#functions ??= statementContext(statement.#connection);
		return statement.#functions;
	}

	/** Results that hold for the statement's whole run, by what they are the results of. */
	get kept(): Map<object, unknown> {
		const statement = this.#statement;
		statement.#kept ??= new Map();
		return statement.#kept;
	}

	/** Results that hold while `outer` does. */
	get local(): Map<object, Releasable> {
		this.#local ??= new Map();
		return this.#local;
	}

	/** Lets go of what is in `local`: the query that it was for has ended. */
	release(): void {
		if (this.#local !== undefined) for (const result of this.#local.values()) result.close();
		this.#local = undefined;
	}

	/** Lets go of all that is kept: of a statement that is a part of another one, whose end may be far away. */
	end(): void {
		this.release();
		for (const result of this.#kept?.values() ?? []) (result as Partial<Releasable>).close?.();
		this.#kept = undefined;
	}

	/** For a query inside an expression, with the values that it takes from the enclosing row. */
	inner(outer: readonly Value[]): Execution {
		return this.#within(outer, this.working);
	}

	/** For a step of a recursive query that sees these rows. */
	step(recursion: object, rows: readonly Tuple[]): Execution {
		return this.#within(this.outer, new Map(this.working).set(recursion, rows));
	}

	#within(outer: readonly Value[], working: ReadonlyMap<object, readonly Tuple[]>): Execution {
		const { view, parameters, changing } = this;
		return new Execution(view, parameters, this.#connection, this.limits, changing, outer, this.#statement, working);
	}
}

export interface Run {
	/** At most `limit` rows and at least one, or undefined at the end. */
	next(limit: number): Tuple[] | undefined;
	/** Begins anew for another row that it is joined to, as `open` would; only where that is cheaper than a new run. */
	restart?(outer: Tuple): void;
	/** From now on only rows are wanted whose value in that place is among the keys; some others may come all the same. */
	narrow?(slot: number, keys: ReadonlyMap<unknown, unknown>): void;
	/** Releases what the run holds; may be called at any time and more than once. */
	close(): void;
}

export interface Operator {
	/** One line for EXPLAIN. */
	readonly describe: string;
	readonly inputs: readonly Operator[];
	/** `outer` is the row that the operator is joined to, where its rows depend on one. */
	open(run: Execution, outer?: Tuple): Run;
}

/** Goes through what is left of a run, and closes it. */
export function forEachRow(run: Run, visit: (row: Tuple) => void): void {
	try {
		for (let batch = run.next(FULL_BATCH); batch !== undefined; batch = run.next(FULL_BATCH)) batch.forEach(visit);
	} finally {
		run.close();
	}
}

/** All that is left of a run, at once: what is written then does not change what is read. */
export function collectRows(run: Run): Tuple[] {
	const rows: Tuple[] = [];
	forEachRow(run, (row) => rows.push(row));
	return rows;
}

/** Rows, or what is to become of them, already in memory and handed on in batches. */
export function emit<Row = Tuple>(rows: readonly Row[]) {
	let at = 0;
	return {
		next: (limit: number): Row[] | undefined => {
			if (at >= rows.length) return undefined;
			const part = rows.slice(at, at + Math.min(limit, FULL_BATCH));
			at += part.length;
			return part;
		},
		close: () => {
			at = rows.length;
		},
	};
}

/** A run that does all its work at the first pull; then it needs its input no more. */
export function deferred(gather: () => Run, input?: Run): Run {
	let output: Run | undefined;
	return {
		next: (limit) => {
			if (output === undefined) {
				output = gather();
				input?.close();
			}
			return output.next(limit);
		},
		close: () => {
			input?.close();
			output?.close();
			output ??= emit([]);
		},
	};
}

/** The rows of an iterator, which is ended with the run. With `budgetBytes`, few more of them at once. */
export function pulled(rows: Iterator<Tuple>, budgetBytes = Infinity): Run {
	let done = false;
	return {
		next: (limit) => {
			const batch: Tuple[] = [];
			let bytes = 0;
			while (!done && batch.length < Math.min(limit, FULL_BATCH) && bytes <= budgetBytes) {
				const step = rows.next();
				if (step.done === true) done = true;
				else {
					batch.push(step.value);
					if (budgetBytes !== Infinity) bytes += rowBytes(step.value);
				}
			}
			return batch.length === 0 ? undefined : batch;
		},
		close: () => {
			if (!done) rows.return?.();
			done = true;
		},
	};
}

/** The row before any is known. */
export const NO_ROW: Tuple = [];

/** Rows that an operator asks for where it needs all of its input. */
export const FULL_BATCH = 1024;

/** An estimate for EXPLAIN, not more exact than it is known. */
export function expectedRows(estimate: number): string {
	const rows = Math.max(1, Math.round(estimate));
	return `(~${rows < 1000 ? rows : Number(rows.toPrecision(2))} row${rows === 1 ? "" : "s"})`;
}

/** The plan as an indented tree. */
export function planText(operator: Operator): string {
	const lines: string[] = [];
	const visit = (node: Operator, depth: number) => {
		lines.push(`${"  ".repeat(depth)}${node.describe}`);
		for (const input of node.inputs) visit(input, depth + 1);
	};
	visit(operator, 0);
	return lines.join("\n");
}
