/** Random expressions over what a scope names. */

import type { Feature } from "./features.js";
import { FUNCTIONS } from "./functions.js";
import type { Generator, Named, Scope } from "./generator.js";
import { existsQuery, inQuery, rowsQuery, scalarQuery } from "./subqueries.js";
import { expression, fixed, list, optional, type Tree, tagged } from "./tree.js";
import {
	DATE_FORMATS,
	DATE_MODIFIERS,
	DATES,
	globPattern,
	type Hint,
	JSON_PATHS,
	JSON_TEXTS,
	likePattern,
	literal,
	smallLiteral,
} from "./values.js";

const ARITHMETIC = ["+", "-", "*", "/", "%", "&", "|", "<<", ">>"];
const COMPARISONS = [
	"=",
	"==",
	"<>",
	"!=",
	"<",
	"<=",
	">",
	">=",
	"IS",
	"IS NOT",
	"IS DISTINCT FROM",
	"IS NOT DISTINCT FROM",
];
const COLLATIONS = ["BINARY", "NOCASE", "RTRIM"];
const MAX_ITEMS = 4;

export function expressionOf(g: Generator, scope: Scope, hint: Hint, depth: number): Tree {
	if (depth <= 0 || g.random.once(6)) return leaf(g, scope, hint);
	switch (hint === "any" ? g.random.pick(["any", "number", "text", "boolean"] as const) : hint) {
		case "number":
			return number(g, scope, depth - 1);
		case "text":
			return text(g, scope, depth - 1);
		case "boolean":
			return truth(g, scope, depth - 1);
		default:
			return anything(g, scope, depth - 1);
	}
}

/** A number that sums of a few hundred represent exactly, in whatever order they are added. */
export function smallNumber(g: Generator, scope: Scope, depth: number): Tree {
	const inner = (hint: Hint) => expressionOf(g, scope, hint, depth - 1);
	return g.choose<() => Tree>([
		[4, () => fixed`(${inner("number")} % 7)`],
		[2, () => fixed`length(${inner("text")})`],
		[2, () => fixed`(${inner("any")} IS NULL)`],
		[2, () => smallLiteral(g.random)],
		[1, () => fixed`instr(${inner("text")}, ${literal(g.random, "text")})`],
		[1, () => fixed`(${smallLiteral(g.random)} - ${inner("number")} % 5)`],
	])();
}

/** Equal only where it is the same in every byte: so it does not matter which of several equal values is kept. */
export function exactTerm(g: Generator, scope: Scope, depth: number): Tree {
	const inner = expressionOf(g, scope, "any", depth - 1);
	return g.choose<() => Tree>([
		[4, () => fixed`quote(${inner})`],
		[2, () => fixed`typeof(${inner})`],
		[2, () => fixed`(${inner} IS NULL)`],
		[2, () => fixed`CAST(${smallNumber(g, scope, depth - 1)} AS INTEGER)`],
		[1, () => fixed`length(${inner})`],
	])();
}

export function items(g: Generator, least: number, most: number, make: () => Tree): Tree[] {
	return Array.from({ length: g.random.between(least, most) }, make);
}

function leaf(g: Generator, scope: Scope, hint: Hint): Tree {
	if (scope.outer.length > 0 && g.chance("correlated subquery", 4)) {
		return tagged("correlated subquery", expression`${g.random.pick(scope.outer).tree}`);
	}
	if (scope.columns.length === 0 || g.random.once(4)) return expression`${literal(g.random, hint)}`;
	const fitting = scope.columns.filter((column) => column.hint === hint);
	return expression`${g.random.pick(fitting.length > 0 && !g.random.once(4) ? fitting : scope.columns).tree}`;
}

/** With brackets or, now and then, without: then the operators' precedence decides. */
function bracketed(g: Generator, tree: Tree): Tree {
	return g.random.once(4) ? tree : fixed`(${tree})`;
}

function number(g: Generator, scope: Scope, depth: number): Tree {
	const inner = (hint: Hint = "number") => expressionOf(g, scope, hint, depth);
	return g.choose<() => Tree>([
		[5, () => bracketed(g, expression`${inner()} ${g.random.pick(ARITHMETIC)} ${inner()}`)],
		[1, () => expression`- ${bracketed(g, inner())}`],
		[1, () => expression`~ ${bracketed(g, inner("any"))}`],
		[4, () => call(g, scope, "number", depth)],
		[1, () => conditional(g, scope, "number", depth)],
		[scope.closed ? 0 : 2, () => scalarQuery(g, scope, "number", depth), "scalar subquery"],
	])();
}

function text(g: Generator, scope: Scope, depth: number): Tree {
	const inner = (hint: Hint = "text") => expressionOf(g, scope, hint, depth);
	return g.choose<() => Tree>([
		[3, () => bracketed(g, expression`${inner()} || ${inner("any")}`)],
		[5, () => call(g, scope, "text", depth)],
		[1, () => conditional(g, scope, "text", depth)],
		[1, () => expression`(${inner()} COLLATE ${g.random.pick(COLLATIONS)})`],
		[scope.closed ? 0 : 1, () => scalarQuery(g, scope, "text", depth), "scalar subquery"],
	])();
}

function anything(g: Generator, scope: Scope, depth: number): Tree {
	return g.choose<() => Tree>([
		[3, () => call(g, scope, "any", depth)],
		[1, () => conditional(g, scope, "any", depth)],
		[scope.closed ? 0 : 1, () => scalarQuery(g, scope, "any", depth), "scalar subquery"],
	])();
}

function truth(g: Generator, scope: Scope, depth: number): Tree {
	const { random } = g;
	const inner = (hint: Hint = "any") => expressionOf(g, scope, hint, depth);
	const not = () => optional`${random.once(3) ? "NOT " : ""}`;
	const pair = () => random.pick(["number", "text", "any"] as const);
	return g.choose<() => Tree>([
		[6, () => comparison(g, scope, depth)],
		[3, () => bracketed(g, expression`${inner("boolean")} ${random.pick(["AND", "OR"])} ${inner("boolean")}`)],
		[1, () => expression`NOT ${bracketed(g, inner("boolean"))}`],
		[1, () => expression`(${inner()} ${random.pick(["ISNULL", "NOTNULL", "IS NULL", "IS NOT NULL", "NOT NULL"])})`],
		[1, () => expression`(${inner("boolean")} IS ${not()}${random.pick(["TRUE", "FALSE"])})`],
		[2, () => between(g, scope, pair(), depth)],
		[
			2,
			() =>
				expression`(${inner(pair())} ${not()}IN (${list(
					items(g, scope.closed ? 1 : 0, MAX_ITEMS, () => inner()),
					0,
				)}))`,
		],
		[4, () => match(g, scope, depth)],
		[1, () => call(g, scope, "boolean", depth)],
		[scope.closed ? 0 : 2, () => existsQuery(g, scope, depth), "scalar subquery"],
		[scope.closed ? 0 : 3, () => inQuery(g, scope, inner(pair()), depth), "IN subquery"],
		[1, () => rowComparison(g, scope, depth), "row value"],
		[scope.closed ? 0 : 1, () => rowsQuery(g, scope, depth), "row value", "IN subquery"],
	])();
}

/** LIKE or GLOB. Whether a blob matches depends on how SQLite was built, so none is asked. */
function match(g: Generator, scope: Scope, depth: number): Tree {
	const { random } = g;
	const column = random.once(2) ? scope.columns.find(({ hint }) => hint === "text") : undefined;
	const value = column?.tree ?? fixed`CAST(${expressionOf(g, scope, "text", depth)} AS TEXT)`;
	const not = optional`${random.once(3) ? "NOT " : ""}`;
	const own = () => fixed`CAST(${expressionOf(g, scope, "text", depth)} AS TEXT)`;
	const tree = g.choose<() => Tree>([
		[4, () => expression`(${value} ${not}LIKE ${random.once(4) ? own() : likePattern(random)})`],
		[3, () => expression`(${value} ${not}GLOB ${random.once(4) ? own() : globPattern(random)})`],
		[1, () => expression`(${value} ${not}LIKE ${random.pick(["'a!%'", "'%!_%'", "'!!%'"])} ESCAPE '!')`],
		[1, () => expression`like(${likePattern(random)}, ${value})`],
		[1, () => expression`glob(${globPattern(random)}, ${value})`],
	])();
	return column === undefined ? tree : fixed`(typeof(${value}) <> 'blob' AND ${tree})`;
}

export function comparison(g: Generator, scope: Scope, depth: number): Tree {
	const hint = g.random.pick(["number", "text", "any"] as const);
	const left = expressionOf(g, scope, hint, depth);
	const right = expressionOf(g, scope, g.random.once(4) ? "any" : hint, depth);
	const collated = g.random.once(8) ? optional` COLLATE ${g.random.pick(COLLATIONS)}` : "";
	return bracketed(g, expression`${left} ${g.random.pick(COMPARISONS)} ${right}${collated}`);
}

function between(g: Generator, scope: Scope, hint: Hint, depth: number): Tree {
	const inner = () => expressionOf(g, scope, hint, depth);
	const not = optional`${g.random.once(3) ? "NOT " : ""}`;
	return expression`(${inner()} ${not}BETWEEN ${inner()} AND ${inner()})`;
}

function rowComparison(g: Generator, scope: Scope, depth: number): Tree {
	const row = () => fixed`(${expressionOf(g, scope, "any", depth)}, ${expressionOf(g, scope, "any", depth)})`;
	if (g.random.once(4)) return tagged("row value", expression`(${row()} BETWEEN ${row()} AND ${row()})`);
	const operator = g.random.pick(["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"]);
	return tagged("row value", expression`(${row()} ${operator} ${row()})`);
}

function conditional(g: Generator, scope: Scope, hint: Hint, depth: number): Tree {
	const inner = (kind: Hint) => expressionOf(g, scope, kind, depth);
	const last = optional` ELSE ${inner(hint)}`;
	if (g.random.once(2)) {
		return expression`CASE ${inner("any")} WHEN ${inner("any")} THEN ${inner(hint)}${last} END`;
	}
	const second = optional` WHEN ${inner("boolean")} THEN ${inner(hint)}`;
	return expression`CASE WHEN ${inner("boolean")} THEN ${inner(hint)}${second}${last} END`;
}

function call(g: Generator, scope: Scope, hint: Hint, depth: number): Tree {
	const fitting = FUNCTIONS.filter(([result, , ...needs]) => result === hint && needs.every((need) => g.has(need)));
	const [, template, feature] = g.random.pick(fitting) as readonly [Hint, string, Feature?];
	const tree = expression`${fillIn(g, scope, template, depth)}`;
	return feature === undefined ? tree : tagged(feature, tree);
}

function fillIn(g: Generator, scope: Scope, template: string, depth: number): Tree {
	const { random } = g;
	const parts = template.split(/\$([a-zA-Z])\b(?!\.)/);
	const value = (letter: string): Tree => {
		const hint = ({ n: "number", t: "text", b: "boolean", a: "any" } as const)[letter];
		if (hint !== undefined) return expressionOf(g, scope, hint, depth);
		switch (letter) {
			case "s":
				return smallNumber(g, scope, depth);
			case "i":
				return smallLiteral(random);
			case "j":
				return random.pick(JSON_TEXTS);
			case "J":
				return random.pick(JSON_PATHS);
			case "d":
				return random.pick(DATES);
			case "m":
				return random.pick(DATE_MODIFIERS);
			case "f":
				return random.pick(DATE_FORMATS);
			default:
				throw new RangeError(`unknown parameter $${letter} in ${template}`);
		}
	};
	const trees = parts.map((part, i) => (i % 2 === 1 ? value(part) : part)).filter((part) => part !== "");
	return { kind: "fixed", parts: trees };
}

/** Terms that put any rows in order, but for rows that are the same: for where the order shows in the result. */
export function totalOrder(columns: readonly Named[]): Tree {
	// A COLLATE inside a column that an alias stands for would count, or not, by how the alias is resolved.
	const term = ({ tree }: Named) => fixed`quote(${tree}) COLLATE BINARY`;
	const [first, ...rest] = columns;
	if (first === undefined) return "1";
	return { kind: "fixed", parts: [term(first), ...rest.map((column) => fixed`, ${term(column)}`)] };
}
