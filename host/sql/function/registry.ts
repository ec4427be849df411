/** The functions that a connection's statements can call: the built-in ones, and on top of them the user's own. */

import { foldCase } from "../value/compare.js";
import type { AggregateFunction } from "./aggregate.js";
import { AGGREGATE_FUNCTIONS } from "./aggregate.js";
import type { ScalarFunction } from "./scalar.js";
import { SCALAR_FUNCTIONS } from "./scalar.js";
import type { ShapedTableFunction, TableFunction } from "./table.js";
import { SHAPED_TABLE_FUNCTIONS, TABLE_FUNCTIONS } from "./table.js";

/** One name may stand for a scalar function and an aggregate with different numbers of arguments, like max(). */
type UserFunction =
	| { readonly kind: "scalar"; readonly function: ScalarFunction }
	| { readonly kind: "aggregate"; readonly function: AggregateFunction };

interface Arity {
	readonly minimum: number;
	readonly maximum: number;
}

function takes({ minimum, maximum }: Arity, count: number): boolean {
	return count >= minimum && count <= maximum;
}

function isAlike(a: Arity, b: Arity): boolean {
	return a.minimum === b.minimum && a.maximum === b.maximum;
}

export class FunctionRegistry {
	/** By folded name. */
	readonly #own = new Map<string, UserFunction[]>();
	readonly #shaped = new Map(SHAPED_TABLE_FUNCTIONS);
	readonly #tables = new Map<string, TableFunction>();
	#epoch = 0;

	/** Changes whenever a function is defined: statements prepared before are to be prepared again. */
	get epoch(): number {
		return this.#epoch;
	}

	/** Undefined where no function of the name takes that many arguments; `hasName` tells why. */
	scalar(name: string, argumentCount: number): ScalarFunction | undefined {
		const folded = foldCase(name);
		const own = this.#find(folded, argumentCount);
		if (own !== undefined) return own.kind === "scalar" ? own.function : undefined;
		const known = SCALAR_FUNCTIONS.get(folded);
		return known !== undefined && takes(known, argumentCount) ? known : undefined;
	}

	/** `count(*)` has no argument. */
	aggregate(name: string, argumentCount: number): AggregateFunction | undefined {
		const folded = foldCase(name);
		const own = this.#find(folded, argumentCount);
		if (own !== undefined) return own.kind === "aggregate" ? own.function : undefined;
		const known = AGGREGATE_FUNCTIONS.get(folded);
		return known !== undefined && takes(known, argumentCount) ? known : undefined;
	}

	table(name: string): TableFunction | undefined {
		const folded = foldCase(name);
		return this.#tables.get(folded) ?? TABLE_FUNCTIONS.get(folded);
	}

	/** One whose columns depend on its arguments. */
	shapedTable(name: string): ShapedTableFunction | undefined {
		return this.#shaped.get(foldCase(name));
	}

	tableNames(): Iterable<string> {
		return [...TABLE_FUNCTIONS.keys(), ...this.#shaped.keys(), ...this.#tables.keys()];
	}

	/** One of the connection, as those that tell of its schema are. */
	defineTable(definition: TableFunction): void {
		this.#tables.set(foldCase(definition.name), definition);
	}

	/** In the place of a built-in one. */
	defineShapedTable(definition: ShapedTableFunction): void {
		this.#shaped.set(definition.name, definition);
	}

	/** Of scalar functions and aggregates: for suggestions. */
	names(): string[] {
		return [...new Set([...SCALAR_FUNCTIONS.keys(), ...AGGREGATE_FUNCTIONS.keys(), ...this.#own.keys()])];
	}

	/** There is a scalar function or an aggregate of this name, whatever number of arguments it takes. */
	hasName(name: string): boolean {
		const folded = foldCase(name);
		return SCALAR_FUNCTIONS.has(folded) || AGGREGATE_FUNCTIONS.has(folded) || this.#own.has(folded);
	}

	defineScalar(definition: ScalarFunction): void {
		this.#define({ kind: "scalar", function: definition });
	}

	defineAggregate(definition: AggregateFunction): void {
		this.#define({ kind: "aggregate", function: definition });
	}

	/** In the place of all of its name: what a PRAGMA chooses counts for the operators, too. */
	replaceAll(definition: ScalarFunction): void {
		this.#own.delete(foldCase(definition.name));
		this.defineScalar(definition);
	}

	/** An exact number of arguments beats any number of them. */
	#find(folded: string, argumentCount: number): UserFunction | undefined {
		const candidates = this.#own.get(folded);
		return (
			candidates?.find(
				({ function: { minimum, maximum } }) => minimum === argumentCount && maximum === argumentCount,
			) ?? candidates?.find((candidate) => takes(candidate.function, argumentCount))
		);
	}

	/** In the place of the one with the same name and number of arguments, be it scalar or aggregate. */
	#define(definition: UserFunction): void {
		const folded = foldCase(definition.function.name);
		const others = (this.#own.get(folded) ?? []).filter((other) => !isAlike(other.function, definition.function));
		this.#own.set(folded, [...others, definition]);
		this.#epoch++;
	}
}
