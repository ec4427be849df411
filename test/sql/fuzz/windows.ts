/** Window functions whose results do not depend on the order of rows that are alike. */

import { exactTerm, expressionOf, smallNumber, totalOrder } from "./expressions.js";
import type { Generator, Named, Scope } from "./generator.js";
import { fixed, optional, type Tree, tagged } from "./tree.js";

/** A window call; every row of what `scope` names has its place. */
export function windowCall(g: Generator, scope: Scope, depth: number): Named {
	const exact = () => exactTerm(g, scope, depth - 1);
	const small = () => smallNumber(g, scope, depth - 1);
	const placed = () => over(g, scope, depth, "every row its own place");
	const ranked = () => over(g, scope, depth, "peers");
	const filter = () =>
		g.chance("aggregate filter", 6) ? optional` FILTER (WHERE ${expressionOf(g, scope, "boolean", depth - 1)})` : "";
	const offset = () => g.random.pick(["", ", 1", ", 2", ", 0", ", 2, 'none'", ", 1, NULL", ", 100, -1"]);
	const tree = g.choose<() => Tree>([
		[3, () => fixed`row_number() ${placed()}`],
		[1, () => fixed`ntile(${g.random.pick(["1", "2", "3", "7"])}) ${placed()}`],
		[2, () => fixed`${g.random.pick(["rank", "dense_rank", "cume_dist", "percent_rank"])}() ${ranked()}`],
		[3, () => fixed`${g.random.pick(["lag", "lead"])}(${exact()}${offset()}) ${placed()}`],
		[3, () => fixed`${g.random.pick(["first_value", "last_value"])}(${exact()}) ${placed()}`],
		[1, () => fixed`nth_value(${exact()}, ${g.random.pick(["1", "2", "5"])}) ${placed()}`],
		[4, () => fixed`${g.random.pick(["sum", "avg", "total"])}(${small()})${filter()} ${ranked()}`],
		[2, () => fixed`count(${g.random.once(2) ? "*" : exact()})${filter()} ${ranked()}`],
		[2, () => fixed`${g.random.pick(["min", "max"])}(${exact()}) ${ranked()}`],
		[1, () => fixed`group_concat(${exact()}, '/') ${placed()}`],
	])();
	return { hint: "number", tree: tagged("window", fixed`${tree}`) };
}

function over(g: Generator, scope: Scope, depth: number, order: "every row its own place" | "peers"): Tree {
	const partition = g.random.once(2) ? optional`PARTITION BY ${exactTerm(g, scope, depth - 1)} ` : "";
	if (order === "peers" && g.random.once(4)) return fixed`OVER (${partition})`;
	const direction = () => g.random.pick(["", "", " DESC", " NULLS LAST", " DESC NULLS FIRST"]);
	if (order === "every row its own place") {
		const first = g.random.once(2) ? optional`${expressionOf(g, scope, "any", depth - 1)}${direction()}, ` : "";
		return fixed`OVER (${partition}ORDER BY ${first}${totalOrder(scope.columns)}${frame(g, "ROWS")})`;
	}
	const term = g.random.once(2) ? smallNumber(g, scope, depth - 1) : exactTerm(g, scope, depth - 1);
	if (g.chance("window frame", 3)) {
		const [start, end] = bounds(g);
		const number = fixed`${smallNumber(g, scope, depth - 1)}${g.random.pick(["", " DESC"])}`;
		return tagged(
			"window frame",
			fixed`OVER (${partition}ORDER BY ${number} RANGE BETWEEN ${start} AND ${end}${exclude(g)})`,
		);
	}
	return fixed`OVER (${partition}ORDER BY ${term}${direction()}${frame(g, "GROUPS")})`;
}

function frame(g: Generator, unit: "ROWS" | "GROUPS"): Tree {
	if (!g.chance("window frame", 2)) return "";
	if (g.random.once(4)) {
		const start = g.random.pick(["UNBOUNDED PRECEDING", "1 PRECEDING", "CURRENT ROW", "2 PRECEDING"]);
		return tagged("window frame", optional` ${unit} ${start}${exclude(g)}`);
	}
	const [start, end] = bounds(g);
	return tagged("window frame", optional` ${unit} BETWEEN ${start} AND ${end}${exclude(g)}`);
}

// biome-ignore format: in the order in which they lie
const BOUNDS = [
	"UNBOUNDED PRECEDING", "3 PRECEDING", "2 PRECEDING", "1 PRECEDING", "0 PRECEDING", "CURRENT ROW", "0 FOLLOWING",
	"1 FOLLOWING", "2 FOLLOWING", "UNBOUNDED FOLLOWING",
];

function bounds(g: Generator): readonly [string, string] {
	const start = g.random.below(BOUNDS.length - 1);
	const end = g.random.between(Math.max(start, 1), BOUNDS.length - 1);
	return [BOUNDS[start] as string, BOUNDS[end] as string];
}

/** What it leaves out must be the same whatever the order of peers: under ROWS that order is total anyway. */
function exclude(g: Generator): Tree {
	if (!g.random.once(4)) return "";
	return optional` EXCLUDE ${g.random.pick(["NO OTHERS", "CURRENT ROW", "GROUP", "TIES"])}`;
}
