/** Types of expressions. On the way parameters learn what they are compared with, and the like. */

import type { Bound, Subquery } from "../bind/bound.js";
import { InnerQuery } from "../plan/inner-query.js";
import type { Value } from "../value/value.js";
import { callType } from "./call.js";
import type { Environment } from "./environment.js";
import type { Inference } from "./inference.js";
import { notNullWhere } from "./not-null.js";
import type { Use } from "./parameters.js";
import { OPEN_USE, useful } from "./parameters.js";
import { columnTypes, hasRow } from "./query.js";
import type { ValueType } from "./value-type.js";
import {
	ALL,
	ANYTHING,
	anyOf,
	CLASSES_OF_AFFINITY,
	INTEGER,
	isNullable,
	NUMBER,
	never,
	TEXT,
	typeOfValue,
	withNull,
} from "./value-type.js";

type Kind<K extends Bound["kind"]> = Bound & { readonly kind: K };

const NUMBER_USE = useful(NUMBER);
const TEXT_USE = useful(TEXT);

/** `use`: what the place is meant to be given, for what is a parameter there. */
export function typeOf(bound: Bound, names: Environment, inference: Inference, use?: Use): ValueType {
	const inner = (operand: Bound, its?: Use) => typeOf(operand, names, inference, its);
	switch (bound.kind) {
		case "constant":
			return typeOfValue(bound.value);
		case "parameter":
			if (use !== undefined) inference.use(bound.index, use);
			return inference.parameter(bound.index);
		case "column":
			return names.column(bound.source, bound.column);
		case "aggregate":
			return names.aggregate(bound.index);
		case "window":
			return names.window(bound.index);
		case "outer":
			return names.outer[bound.index] ?? ANYTHING;
		case "slot":
		case "raise":
			return ANYTHING;
		case "subquery":
			return subqueryType(bound, names, inference);
		case "exists":
			queryTypes(bound.subquery, names, inference);
			return never(INTEGER);
		case "inQuery":
			return inQueryType(bound, names, inference);
		case "unary":
			return unaryType(bound, inner, use);
		case "and":
		case "or":
			return { classes: INTEGER, nullable: isNullable(bound.operands.map((operand) => inner(operand, NUMBER_USE))) };
		case "coalesce":
			return coalesceType(bound.operands, inner, use);
		case "arithmetic":
			return arithmeticType(bound, inner);
		case "compare": {
			const isTest = bound.operator === "is" || bound.operator === "is not";
			const given = alike([bound.left, bound.right], inner, isTest ? "welcome" : "useless");
			return { classes: INTEGER, nullable: !isTest && isNullable(given) };
		}
		case "between":
			return truth(alike([bound.operand, bound.low, bound.high], inner));
		case "in":
			return bound.list.length === 0 ? never(INTEGER) : truth(alike([bound.operand, ...bound.list], inner));
		case "isNull":
			inner(bound.operand, OPEN_USE);
			return never(INTEGER);
		case "pattern":
			return truth(
				[bound.operand, bound.pattern, ...(bound.escape === null ? [] : [bound.escape])].map((operand) =>
					inner(operand, TEXT_USE),
				),
			);
		case "case":
			return caseType(bound, names, inference, use);
		case "cast":
			return castType(bound, inner);
		case "collate":
			return inner(bound.operand, use);
		case "call":
			return callType(bound, inner);
	}
}

export type Inner = (operand: Bound, use?: Use) => ValueType;

function truth(given: readonly ValueType[]): ValueType {
	return { classes: INTEGER, nullable: isNullable(given) };
}

/** Types of what is compared with each other: a parameter among them is meant to be what the others are. */
export function alike(operands: readonly Bound[], inner: Inner, nulls: Use["nulls"] = "useless"): ValueType[] {
	return withOpenOnes(operands, inner, (classes) => ({ classes: classes || ALL, nulls }));
}

/** Types of what parameters are to be like, then of the parameters. */
function withOpenOnes(operands: readonly Bound[], inner: Inner, useFor: (classes: number) => Use): ValueType[] {
	const known = operands.map((operand) => (isOpen(operand) ? undefined : inner(operand)));
	const use = useFor(known.reduce((all, type) => all | (type?.classes ?? 0), 0));
	return operands.map((operand, i) => known[i] ?? inner(operand, use));
}

/** A parameter, be it with a collation. */
function isOpen(bound: Bound): boolean {
	if (bound.kind === "collate") return isOpen(bound.operand);
	if (bound.kind === "unary") return bound.operators.every((operator) => operator === "+") && isOpen(bound.operand);
	return bound.kind === "parameter";
}

function unaryType({ operators, operand }: Kind<"unary">, inner: Inner, use: Use | undefined): ValueType {
	const applied = operators.filter((operator) => operator !== "+");
	if (applied.length === 0) return inner(operand, use);
	const { nullable } = inner(operand, NUMBER_USE);
	return { classes: applied[0] === "-" ? NUMBER : INTEGER, nullable };
}

/** The first that is not NULL: none behind one that never is. A parameter may be left out. */
function coalesceType(operands: readonly Bound[], inner: Inner, use: Use | undefined): ValueType {
	const its = (operand: Bound, open?: Use) => inner(operand, open ?? use);
	const given = withOpenOnes(operands, its, (classes) => ({
		classes: classes || (use?.classes ?? ALL),
		nulls: "welcome",
	}));
	const last = given.findIndex(({ nullable }) => !nullable);
	const counted = last === -1 ? given : given.slice(0, last + 1);
	return { classes: anyOf(counted).classes, nullable: last === -1 };
}

function arithmeticType({ first, rest }: Kind<"arithmetic">, inner: Inner): ValueType {
	const useOf = (operator: string) => (operator === "||" ? TEXT_USE : NUMBER_USE);
	let type = inner(first, useOf(rest[0]?.operator ?? "+"));
	for (const { operator, operand } of rest) {
		const right = inner(operand, useOf(operator));
		const nullable = type.nullable || right.nullable;
		switch (operator) {
			case "||":
				type = { classes: TEXT, nullable };
				break;
			case "+":
			case "-":
			case "*":
				type = { classes: NUMBER, nullable };
				break;
			case "/":
			case "%":
				type = { classes: NUMBER, nullable: nullable || mayBeZero(operand) };
				break;
			default:
				type = { classes: INTEGER, nullable };
		}
	}
	return type;
}

/** What is divided by. `%` leaves off fractions first. */
function mayBeZero(bound: Bound): boolean {
	if (bound.kind !== "constant") return true;
	const { value } = bound;
	return !(typeof value === "bigint" || (typeof value === "number" && Math.abs(value) >= 1) || isWhole(value));
}

function isWhole(value: Value): boolean {
	return typeof value === "object" && value !== null && "value" in value && value.value !== 0;
}

function castType({ operand, affinity }: Kind<"cast">, inner: Inner): ValueType {
	// A name of a type tells what is meant to come in.
	const classes = affinity === "integer" ? INTEGER : CLASSES_OF_AFFINITY[affinity];
	const { nullable } = inner(operand, { classes, nulls: "welcome" });
	return { classes: affinity === "numeric" ? NUMBER : classes, nullable };
}

function caseType(bound: Kind<"case">, names: Environment, inference: Inference, use: Use | undefined): ValueType {
	const { base, whens, otherwise } = bound;
	const inner = (operand: Bound, its?: Use) => typeOf(operand, names, inference, its);
	if (base === null) for (const { when } of whens) inner(when, NUMBER_USE);
	else alike([base, ...whens.map(({ when }) => when)], inner);
	/** By result: what holds where it is the one. */
	const places = new Map<Bound, Environment>();
	if (base === null) for (const { when, result } of whens) places.set(result, names.where(notNullWhere(when)));
	const ofResult = (result: Bound, its?: Use) => typeOf(result, places.get(result) ?? names, inference, its ?? use);
	const results = [...whens.map(({ result }) => result), ...(otherwise === null ? [] : [otherwise])];
	const type = anyOf(
		withOpenOnes(results, ofResult, (classes) => ({
			classes: classes || (use?.classes ?? ALL),
			nulls: use?.nulls ?? "welcome",
		})),
	);
	return otherwise === null ? withNull(type) : type;
}

/** Types of the columns of a query inside an expression. */
function queryTypes(subquery: Subquery, names: Environment, inference: Inference): readonly ValueType[] {
	const { query, captures, id } = subquery;
	if (!(query instanceof InnerQuery)) return Array.from({ length: query.width }, () => ANYTHING);
	const known = inference.queries.get(id);
	if (known?.names === names) return known.types;
	const outer = captures.map((capture) => typeOf(capture, names, inference));
	const types = columnTypes(query.plan, outer, inference);
	inference.queries.set(id, { names, types });
	return types;
}

function subqueryType({ subquery, column }: Kind<"subquery">, names: Environment, inference: Inference): ValueType {
	const type = queryTypes(subquery, names, inference)[column] ?? ANYTHING;
	const { query } = subquery;
	return query instanceof InnerQuery && hasRow(query.plan.root) ? type : withNull(type);
}

function inQueryType(bound: Kind<"inQuery">, names: Environment, inference: Inference): ValueType {
	const columns = queryTypes(bound.subquery, names, inference);
	const given = bound.operands.map((operand, i) =>
		typeOf(operand, names, inference, useful((columns[i] ?? ANYTHING).classes)),
	);
	return truth([...given, ...columns]);
}
