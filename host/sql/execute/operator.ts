/**
 * Physical operators. An `Operator` is an immutable part of a plan; `open` starts one run of it. Rows are pulled in
 * batches: the caller says how many rows it can use, so that LIMIT and `get()` stop the work early.
 */

import type { ByteView } from "../../engine/store.js";
import type { FunctionContext } from "../function/scalar.js";
import type { Value } from "../value/value.js";

/** One row between operators. A consumer may keep it, nobody changes it after it was handed on. */
export type Tuple = Value[];

/** What one run of a statement works with. */
export interface Execution {
	readonly view: ByteView;
	readonly parameters: readonly Value[];
	readonly functions: FunctionContext;
}

export interface Run {
	/** At most `limit` rows and at least one, or undefined at the end. */
	next(limit: number): Tuple[] | undefined;
	/** Releases what the run holds; may be called at any time and more than once. */
	close(): void;
}

export interface Operator {
	/** One line for EXPLAIN. */
	readonly describe: string;
	readonly inputs: readonly Operator[];
	open(run: Execution): Run;
}

/** Rows that an operator asks for where it needs all of its input. */
export const FULL_BATCH = 1024;

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
