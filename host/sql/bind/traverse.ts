/** Going through bound expressions: what they hold, what they depend on, copies with parts replaced. */

import type { Bound } from "./bound.js";

/** The expressions directly inside this one; of a subquery those that it takes from the enclosing row. */
export function operandsOf(bound: Bound): readonly Bound[] {
	switch (bound.kind) {
		case "constant":
		case "parameter":
		case "column":
		case "slot":
		case "aggregate":
		case "window":
		case "outer":
		case "raise":
			return [];
		case "unary":
		case "isNull":
		case "cast":
		case "collate":
			return [bound.operand];
		case "and":
		case "or":
		case "coalesce":
			return bound.operands;
		case "arithmetic":
			return [bound.first, ...bound.rest.map((step) => step.operand)];
		case "compare":
			return [bound.left, bound.right];
		case "in":
			return [bound.operand, ...bound.list];
		case "pattern":
			return bound.escape === null ? [bound.operand, bound.pattern] : [bound.operand, bound.pattern, bound.escape];
		case "between":
			return [bound.operand, bound.low, bound.high];
		case "case":
			return [
				...(bound.base === null ? [] : [bound.base]),
				...bound.whens.flatMap(({ when, result }) => [when, result]),
				...(bound.otherwise === null ? [] : [bound.otherwise]),
			];
		case "call":
			return bound.arguments;
		case "subquery":
		case "exists":
			return bound.subquery.captures;
		case "inQuery":
			return [...bound.operands, ...bound.subquery.captures];
	}
}

/** A copy in which `replace` has answered for each part from the outside in; where it answers undefined, its parts are asked. */
export function replaced(bound: Bound, replace: (part: Bound) => Bound | undefined): Bound {
	const answer = replace(bound);
	if (answer !== undefined) return answer;
	const inner = (part: Bound) => replaced(part, replace);
	const all = (parts: readonly Bound[]) => parts.map(inner);
	switch (bound.kind) {
		case "constant":
		case "parameter":
		case "column":
		case "slot":
		case "aggregate":
		case "window":
		case "outer":
		case "raise":
			return bound;
		case "unary":
		case "isNull":
		case "cast":
		case "collate":
			return { ...bound, operand: inner(bound.operand) };
		case "and":
		case "or":
		case "coalesce":
			return { ...bound, operands: all(bound.operands) };
		case "arithmetic":
			return {
				...bound,
				first: inner(bound.first),
				rest: bound.rest.map(({ operator, operand }) => ({ operator, operand: inner(operand) })),
			};
		case "compare":
			return { ...bound, left: inner(bound.left), right: inner(bound.right) };
		case "in":
			return { ...bound, operand: inner(bound.operand), list: all(bound.list) };
		case "pattern":
			return {
				...bound,
				operand: inner(bound.operand),
				pattern: inner(bound.pattern),
				escape: bound.escape === null ? null : inner(bound.escape),
			};
		case "between":
			return { ...bound, operand: inner(bound.operand), low: inner(bound.low), high: inner(bound.high) };
		case "case":
			return {
				...bound,
				base: bound.base === null ? null : inner(bound.base),
				whens: bound.whens.map(({ when, result, matches }) => ({ when: inner(when), result: inner(result), matches })),
				otherwise: bound.otherwise === null ? null : inner(bound.otherwise),
			};
		case "call":
			return { ...bound, arguments: all(bound.arguments) };
		case "subquery":
		case "exists":
			return { ...bound, subquery: { ...bound.subquery, captures: all(bound.subquery.captures) } };
		case "inQuery":
			return {
				...bound,
				operands: all(bound.operands),
				subquery: { ...bound.subquery, captures: all(bound.subquery.captures) },
			};
	}
}

/** Calls `visit` for the expression and all below it. */
export function walk(bound: Bound, visit: (bound: Bound) => void): void {
	visit(bound);
	for (const operand of operandsOf(bound)) walk(operand, visit);
}

/** Whether the test holds for the expression and all below it. */
export function everyPart(bound: Bound, test: (part: Bound) => boolean): boolean {
	return test(bound) && operandsOf(bound).every((operand) => everyPart(operand, test));
}

const NO_TABLES: ReadonlySet<number> = new Set();

/** The same value for every row, once the rows of the available tables are known: no aggregate, nothing random. */
export function isRowIndependent(bound: Bound, available = NO_TABLES): boolean {
	return everyPart(bound, (part) => {
		switch (part.kind) {
			case "column":
				return available.has(part.source);
			case "call":
				return part.function.deterministic;
			default:
				return part.kind !== "aggregate" && part.kind !== "slot" && part.kind !== "window";
		}
	});
}

const OPERATORS: ReadonlySet<Bound["kind"]> = new Set<Bound["kind"]>([
	"constant",
	"unary",
	"and",
	"or",
	"arithmetic",
	"compare",
	"between",
	"in",
	"isNull",
	"cast",
	"collate",
	"case",
]);

/** Made of literals and parameters by operators alone. */
export function isLiteral(bound: Bound): boolean {
	return everyPart(bound, ({ kind }) => kind === "parameter" || OPERATORS.has(kind));
}

/** Made of literals by operators alone: nothing in it asks the run that it is part of. */
export function isConstant(bound: Bound): boolean {
	return everyPart(bound, ({ kind }) => OPERATORS.has(kind));
}

/** No call whose result changes from one evaluation to the next. */
export function isDeterministic(bound: Bound): boolean {
	return everyPart(bound, (part) => part.kind !== "call" || part.function.deterministic);
}

/** The tables of the query whose columns the expression reads. */
export function sourcesOf(bound: Bound): Set<number> {
	const sources = new Set<number>();
	walk(bound, (part) => {
		if (part.kind === "column") sources.add(part.source);
	});
	return sources;
}

/** The columns of one table of the query that the expressions read, in the order in which they are met. */
export function columnsIn(bounds: readonly Bound[], source: number): number[] {
	const columns = new Set<number>();
	for (const bound of bounds) {
		walk(bound, (part) => {
			if (part.kind === "column" && part.source === source) columns.add(part.column);
		});
	}
	return [...columns];
}

/** The conditions that must all hold. */
export function conjunctsOf(condition: Bound): Bound[] {
	if (condition.kind === "and") return condition.operands.flatMap(conjunctsOf);
	// As two comparisons, BETWEEN over a column can become a range of keys.
	if (condition.kind === "between" && !condition.negated && condition.operand.kind === "column") {
		const { operand: left, low, high, lowMatch, highMatch } = condition;
		return [
			{ kind: "compare", operator: ">=", left, right: low, ...lowMatch },
			{ kind: "compare", operator: "<=", left, right: high, ...highMatch },
		];
	}
	return [condition.kind === "or" ? (listOf(condition.operands) ?? condition) : condition];
}

/** `x = 1 OR x = 2 OR …` as a list to look in. */
function listOf(operands: readonly Bound[]): Bound | undefined {
	const [first] = operands;
	if (first?.kind !== "compare") return undefined;
	const column = first.left.kind === "column" ? first.left : first.right;
	if (column.kind !== "column") return undefined;
	const { coercion, collation } = first;
	const list: Bound[] = [];
	for (const operand of operands) {
		if (operand.kind !== "compare" || operand.operator !== "=") return undefined;
		if (operand.coercion !== coercion || operand.collation !== collation) return undefined;
		const value = sameBound(operand.left, column) ? operand.right : operand.left;
		if (value === operand.left && !sameBound(operand.right, column)) return undefined;
		if (!isRowIndependent(value)) return undefined;
		list.push(value);
	}
	return { kind: "in", operand: column, list, negated: false, coercion, collation };
}

/** One condition of several; undefined for none. */
export function conjunction(conjuncts: readonly Bound[]): Bound | undefined {
	return conjuncts.length > 1 ? { kind: "and", operands: conjuncts } : conjuncts[0];
}

/** Whether two expressions are the same, part by part. */
export function sameBound(a: Bound, b: Bound): boolean {
	if (a === b) return true;
	if (a.kind !== b.kind) return false;
	return sameParts(a, b);
}

function sameParts(a: unknown, b: unknown): boolean {
	if (a === b) return true;
	if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
	if (a instanceof Uint8Array || b instanceof Uint8Array) {
		return a instanceof Uint8Array && b instanceof Uint8Array && a.length === b.length && a.every((x, i) => x === b[i]);
	}
	// Functions, operators and queries are the same only as one object.
	if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b) || !isPlain(a)) return false;
	const keys = Object.keys(a);
	if (keys.length !== Object.keys(b).length) return false;
	return keys.every((key) => sameParts((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

/** An object or an array, not an instance of a class. */
function isPlain(value: object): boolean {
	return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
