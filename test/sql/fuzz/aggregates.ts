/** Aggregates whose results do not depend on the order of the rows. */

import { exactTerm, expressionOf, smallNumber } from "./expressions.js";
import type { Generator, Named, Scope } from "./generator.js";
import { fixed, type Node, optional, type Tree, tagged } from "./tree.js";
import { type Hint, textSeparator } from "./values.js";

/** Whether the result has to be the same to the byte, or 1 may stand for 1.0 and "A" for "a" under NOCASE. */
export type Precision = "exact" | "coarse";

export function aggregate(g: Generator, scope: Scope, precision: Precision, depth: number): Named {
	const filtered = g.chance("aggregate filter", 5);
	const filter = filtered ? optional` FILTER (WHERE ${expressionOf(g, scope, "boolean", depth - 1)})` : "";
	const [tree, hint] = plainAggregate(g, scope, precision, depth, filter);
	return { hint, tree: tagged("aggregate", fixed`${filtered ? tagged("aggregate filter", tree) : tree}`) };
}

type Typed = readonly [Node, Hint];

function plainAggregate(g: Generator, scope: Scope, precision: Precision, depth: number, filter: Tree): Typed {
	const small = () => smallNumber(g, scope, depth - 1);
	const any = () => expressionOf(g, scope, "any", depth - 1);
	const exact = () => exactTerm(g, scope, depth - 1);
	const extreme = () => (precision === "exact" ? exact() : any());
	return g.choose<() => Typed>([
		[3, () => [fixed`count(*)${filter}`, "number"]],
		[2, () => [fixed`count(${any()})${filter}`, "number"]],
		[2, () => [fixed`count(DISTINCT ${any()})${filter}`, "number"]],
		[3, () => [fixed`sum(${small()})${filter}`, "number"]],
		[1, () => [fixed`sum(DISTINCT CAST(${small()} AS INTEGER))${filter}`, "number"]],
		[1, () => [fixed`total(${small()})${filter}`, "number"]],
		[2, () => [fixed`avg(${small()})${filter}`, "number"]],
		[3, () => [fixed`${g.random.pick(["min", "max"])}(${extreme()})${filter}`, "any"]],
		[1, () => [fixed`length(group_concat(${any()})${filter})`, "number"]],
		[1, () => [fixed`length(group_concat(${any()}, ${textSeparator(g.random)})${filter})`, "number"]],
		[1, () => [fixed`length(group_concat(DISTINCT ${exact()})${filter})`, "number"]],
		[1, () => [fixed`length(json_group_array(typeof(${any()}))${filter})`, "number"], "json"],
	])();
}
