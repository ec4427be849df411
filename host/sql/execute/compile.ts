/** Bound expressions -> closures. One call per row and node, nothing interpreted, no code generated at run time. */

import type { Bound, BoundBetween, BoundCompare, BoundIn, Coercion, Comparison } from "../bind/bound.js";
import { withoutJson } from "../function/json/subtype.js";
import { escapeCharacter } from "../function/scalar.js";
import { add, bitNot, bitOperation, divide, multiply, negate, remainder, subtract } from "../value/arithmetic.js";
import { compareValues, groupingKey } from "../value/compare.js";
import { castValue, numericIfWhole, toNumeric, toText } from "../value/convert.js";
import type { Pattern } from "../value/pattern.js";
import { globPattern, likePattern, matches } from "../value/pattern.js";
import { numberText } from "../value/text.js";
import type { Value } from "../value/value.js";
import { isNumeric, toDouble } from "../value/value.js";
import { compileJson, mayBeJson } from "./json.js";
import { compileInQuery } from "./members.js";
import type { Execution, Tuple } from "./operator.js";
import { Raised } from "./raised.js";
import { compileExists, compileScalarQuery } from "./subquery.js";

export type Evaluate = (row: Tuple, run: Execution) => Value;

/** Where an operator's input rows have the columns that expressions speak of. */
export interface Layout {
	column(source: number, column: number): number;
	aggregate(index: number): number;
	window(index: number): number;
}

/** NULL is neither true nor false. */
export function isTrue(value: Value): boolean {
	if (typeof value === "number") return value !== 0;
	if (value === null) return false;
	const number = toNumeric(value);
	return number !== null && toDouble(number) !== 0;
}

export function coerce(value: Value, coercion: Coercion): Value {
	if (coercion === "numeric") return typeof value === "string" ? numericIfWhole(value) : value;
	if (coercion === "text") return isNumeric(value) ? numberText(value) : value;
	return value;
}

export function compile(bound: Bound, layout: Layout): Evaluate {
	const inner = (operand: Bound) => compile(operand, layout);
	switch (bound.kind) {
		case "constant": {
			const { value } = bound;
			return () => value;
		}
		case "parameter": {
			const { index } = bound;
			return (_row, run) => run.parameters[index] ?? null;
		}
		case "column":
			return slotReader(layout.column(bound.source, bound.column));
		case "slot":
			return slotReader(bound.slot);
		case "aggregate":
			return slotReader(layout.aggregate(bound.index));
		case "window":
			return slotReader(layout.window(bound.index));
		case "outer": {
			const { index } = bound;
			return (_row, run) => run.outer[index] as Value; // one value per capture
		}
		case "subquery":
			return compileScalarQuery(bound.subquery, bound.column, bound.subquery.captures.map(inner));
		case "exists":
			return compileExists(bound.subquery, bound.negated, bound.subquery.captures.map(inner));
		case "inQuery":
			return compileInQuery(bound, bound.operands.map(inner), bound.subquery.captures.map(inner));
		case "raise": {
			const { action, message } = bound;
			return () => {
				throw new Raised(action, message);
			};
		}
		case "unary":
			return compileUnary(bound.operators, inner(bound.operand));
		case "and":
		case "or":
			return compileLogic(bound.kind, bound.operands.map(inner));
		case "coalesce":
			return compileCoalesce(bound.operands.map(inner));
		case "arithmetic": {
			const steps = bound.rest.map(({ operator, operand }) => ({
				apply: OPERATIONS[operator],
				operand: inner(operand),
			}));
			const first = inner(bound.first);
			const [only] = steps;
			if (only !== undefined && steps.length === 1) {
				const { apply, operand } = only;
				return (row, run) => apply(first(row, run), operand(row, run));
			}
			return (row, run) => {
				let value = first(row, run);
				for (const { apply, operand } of steps) value = apply(value, operand(row, run));
				return value;
			};
		}
		case "compare":
			return compileCompare(bound, inner(bound.left), inner(bound.right));
		case "in":
			return compileIn(bound, inner(bound.operand), bound.list.map(inner));
		case "isNull": {
			const operand = inner(bound.operand);
			const whenNull = bound.negated ? 0 : 1;
			return (row, run) => (operand(row, run) === null ? whenNull : 1 - whenNull);
		}
		case "pattern":
			return compilePattern(bound, inner);
		case "between":
			return compileBetween(bound, inner(bound.operand), inner(bound.low), inner(bound.high));
		case "case":
			return compileCase(bound, inner, inner);
		case "cast": {
			const operand = inner(bound.operand);
			const { affinity } = bound;
			return (row, run) => castValue(operand(row, run), affinity);
		}
		case "collate":
			return inner(bound.operand);
		case "call":
			return compileCall(bound, layout);
	}
}

function compileCall(bound: Bound & { kind: "call" }, layout: Layout): Evaluate {
	const { call, callWithJson, isOwn } = bound.function;
	if (callWithJson !== undefined && bound.arguments.some(mayBeJson)) {
		const operands = bound.arguments.map((argument) => compileJson(argument, layout));
		return (row, run) =>
			withoutJson(
				callWithJson(
					operands.map((operand) => operand(row, run)),
					run.functions,
				),
			);
	}
	const operands = bound.arguments.map((argument) => compile(argument, layout));
	const { collation } = bound;
	return (row, run) => {
		const values = new Array<Value>(operands.length);
		for (let i = 0; i < operands.length; i++) values[i] = (operands[i] as Evaluate)(row, run); // i is within
		if (isOwn === true) run.stop?.look();
		return call(values, run.functions, collation);
	};
}

function slotReader(slot: number): Evaluate {
	return (row) => row[slot] as Value; // every slot of a layout is filled by the operator below
}

const OPERATIONS: Record<(Bound & { kind: "arithmetic" })["rest"][number]["operator"], (a: Value, b: Value) => Value> =
	{
		"+": add,
		"-": subtract,
		"*": multiply,
		"/": divide,
		"%": remainder,
		"||": (a, b) => (a === null || b === null ? null : (toText(a) as string) + toText(b)), // neither is NULL
		"&": (a, b) => bitOperation("&", a, b),
		"|": (a, b) => bitOperation("|", a, b),
		"<<": (a, b) => bitOperation("<<", a, b),
		">>": (a, b) => bitOperation(">>", a, b),
	};

function applyUnary(operator: "not" | "-" | "+" | "~", value: Value): Value {
	switch (operator) {
		case "not":
			return value === null ? null : isTrue(value) ? 0 : 1;
		case "-":
			return negate(value);
		case "~":
			return bitNot(value);
		case "+":
			return value;
	}
}

function compileUnary(operators: readonly ("not" | "-" | "+" | "~")[], operand: Evaluate): Evaluate {
	const applied = operators.filter((operator) => operator !== "+").reverse();
	const [only] = applied;
	if (only === undefined) return operand;
	if (applied.length === 1) return (row, run) => applyUnary(only, operand(row, run));
	return (row, run) => {
		let value = operand(row, run);
		for (const operator of applied) value = applyUnary(operator, value);
		return value;
	};
}

function compileLogic(kind: "and" | "or", operands: readonly Evaluate[]): Evaluate {
	const decisive = kind === "or";
	return (row, run) => {
		let unknown = false;
		for (const operand of operands) {
			const value = operand(row, run);
			if (value === null) unknown = true;
			else if (isTrue(value) === decisive) return decisive ? 1 : 0;
		}
		return unknown ? null : decisive ? 0 : 1;
	};
}

const TESTS: Record<"=" | "<>" | "<" | "<=" | ">" | ">=", (order: number) => boolean> = {
	"=": (order) => order === 0,
	"<>": (order) => order !== 0,
	"<": (order) => order < 0,
	"<=": (order) => order <= 0,
	">": (order) => order > 0,
	">=": (order) => order >= 0,
};

function compileCompare(bound: BoundCompare, left: Evaluate, right: Evaluate): Evaluate {
	const { coercion, collation, operator } = bound;
	if (operator === "is" || operator === "is not") {
		const equal = operator === "is" ? 1 : 0;
		return (row, run) => {
			const a = coerce(left(row, run), coercion);
			const b = coerce(right(row, run), coercion);
			return compareValues(a, b, collation) === 0 ? equal : 1 - equal;
		};
	}
	const test = TESTS[operator];
	return (row, run) => {
		let a = left(row, run);
		if (a === null) return null;
		let b = right(row, run);
		if (b === null) return null;
		if (coercion !== "none") {
			a = coerce(a, coercion);
			b = coerce(b, coercion);
		}
		return test(compareValues(a, b, collation)) ? 1 : 0;
	};
}

/** True, false or unknown, as `a >= b` or `a <= b`. */
function inOrder(a: Value, b: Value, { coercion, collation }: Comparison): boolean | null {
	if (a === null || b === null) return null;
	return compareValues(coerce(a, coercion), coerce(b, coercion), collation) <= 0;
}

function compileBetween(bound: BoundBetween, operand: Evaluate, low: Evaluate, high: Evaluate): Evaluate {
	const { lowMatch, highMatch } = bound;
	const inside = bound.negated ? 0 : 1;
	return (row, run) => {
		const value = operand(row, run);
		const above = inOrder(low(row, run), value, lowMatch);
		if (above === false) return 1 - inside;
		const below = inOrder(value, high(row, run), highMatch);
		if (below === false) return 1 - inside;
		return above === null || below === null ? null : inside;
	};
}

export function compileCoalesce(operands: readonly Evaluate[]): Evaluate {
	return (row, run) => {
		for (const operand of operands) {
			const value = operand(row, run);
			if (value !== null) return value;
		}
		return null;
	};
}

export function compileCase(
	bound: Bound & { kind: "case" },
	inner: (operand: Bound) => Evaluate,
	innerResult: (operand: Bound) => Evaluate,
): Evaluate {
	const whens = bound.whens.map(({ when, result, matches }) => ({
		when: inner(when),
		result: innerResult(result),
		matches,
	}));
	const otherwise = bound.otherwise === null ? () => null : innerResult(bound.otherwise);
	if (bound.base === null) {
		return (row, run) => {
			for (const { when, result } of whens) if (isTrue(when(row, run))) return result(row, run);
			return otherwise(row, run);
		};
	}
	const base = inner(bound.base);
	return (row, run) => {
		const value = base(row, run);
		if (value === null) return otherwise(row, run);
		for (const { when, result, matches } of whens) {
			const candidate = when(row, run);
			if (candidate === null) continue;
			const { coercion, collation } = matches;
			if (compareValues(coerce(value, coercion), coerce(candidate, coercion), collation) === 0) return result(row, run);
		}
		return otherwise(row, run);
	};
}

/** From this many constants on, a set is looked up instead of the list compared one by one. */
const SET_THRESHOLD = 8;

function compileIn(bound: BoundIn, operand: Evaluate, list: readonly Evaluate[]): Evaluate {
	const { coercion, collation } = bound;
	const found = bound.negated ? 0 : 1;
	if (list.length === 0) return () => 1 - found;
	if (list.length >= SET_THRESHOLD && bound.list.every((item) => item.kind === "constant")) {
		const values = bound.list.map((item) => coerce(item.kind === "constant" ? item.value : null, coercion));
		const hasNull = values.includes(null);
		const keys = new Set(values.map((value) => groupingKey(value, collation)));
		return (row, run) => {
			const value = coerce(operand(row, run), coercion);
			if (value === null) return null;
			if (keys.has(groupingKey(value, collation))) return found;
			return hasNull ? null : 1 - found;
		};
	}
	return (row, run) => {
		const value = coerce(operand(row, run), coercion);
		if (value === null) return null;
		let unknown = false;
		for (const item of list) {
			const candidate = coerce(item(row, run), coercion);
			if (candidate === null) unknown = true;
			else if (compareValues(value, candidate, collation) === 0) return found;
		}
		return unknown ? null : 1 - found;
	};
}

function compilePattern(bound: Bound & { kind: "pattern" }, inner: (operand: Bound) => Evaluate): Evaluate {
	const operand = inner(bound.operand);
	const patternOf = inner(bound.pattern);
	const escapeOf = bound.escape === null ? null : inner(bound.escape);
	const matched = bound.negated ? 0 : 1;
	// The pattern is mostly the same from row to row.
	let lastText: string | undefined;
	let lastEscape: string | null = null;
	let last: Pattern | undefined;
	return (row, run) => {
		const value = operand(row, run);
		const patternValue = patternOf(row, run);
		let escapeText: string | null = null;
		if (escapeOf !== null) {
			escapeText = escapeCharacter(escapeOf(row, run));
			if (escapeText === null) return null;
		}
		if (value === null || patternValue === null) return null;
		// Blobs match nothing: SQLite as distributed, and in better-sqlite3, is built with LIKE_DOESNT_MATCH_BLOBS.
		if (value instanceof Uint8Array || patternValue instanceof Uint8Array) return 1 - matched;
		const text = toText(patternValue) as string; // not NULL
		if (last === undefined || text !== lastText || escapeText !== lastEscape) {
			last = bound.operator === "like" ? likePattern(text, escapeText, bound.likeCase) : globPattern(text);
			lastText = text;
			lastEscape = escapeText;
		}
		return matches(last, toText(value) as string) ? matched : 1 - matched;
	};
}
