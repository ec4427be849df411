/** SELECT in all its shapes, VALUES, compounds of them and WITH. */

import { aggregate, type Precision } from "./aggregates.js";
import { exactTerm, expressionOf, items, smallNumber, totalOrder } from "./expressions.js";
import type { Generator, Named, Relation, Scope } from "./generator.js";
import { noSource, sources } from "./sources.js";
import { existsQuery } from "./subqueries.js";
import { fixed, list, type Node, optional, query, type Tree, tagged } from "./tree.js";
import { type Hint, literal } from "./values.js";
import { windowCall } from "./windows.js";

export interface Query {
	readonly tree: Node;
	readonly columns: readonly { readonly name: string; readonly hint: Hint }[];
	/** Of values that compare as equal, either may stand in the result. */
	readonly precision: Precision;
	/** What ORDER BY may name: of a compound, just columns of the result; after VALUES there is none. */
	readonly sortable: "by expressions" | "by columns" | "not";
}

interface Wanted {
	readonly width: number;
	readonly precision: Precision;
	readonly depth: number;
}

const COMPOUNDS = ["UNION", "UNION ALL", "INTERSECT", "EXCEPT"];
const MAX_WIDTH = 4;

/** A query inside another statement: its rows are a multiset that is the same whatever the plan. */
export function nestedQuery(g: Generator, scope: Scope, depth: number, width = g.random.between(1, 3)): Query {
	const inner = body(g, scope, { width, precision: "exact", depth });
	if (inner.sortable === "not" || !g.random.once(4)) return inner;
	const limit = g.random.once(2) ? fixed` LIMIT ${g.random.pick(["1", "3", "5"])}` : "";
	return { ...inner, tree: query`${inner.tree}${optional`${ordering(g, inner)}${limit}`}` };
}

/** A whole statement. */
export function topQuery(g: Generator, scope: Scope, depth: number): Query {
	const precision = g.random.pick(["exact", "coarse"] as const);
	const width = g.random.between(1, MAX_WIDTH);
	const [prefix, inside] = g.chance("cte", 6) ? withClause(g, scope, depth - 1) : ["", scope];
	const inner = body(g, inside, { width, precision, depth });
	if (inner.sortable === "not" || g.random.once(2)) return { ...inner, tree: query`${prefix}${inner.tree}` };
	const offset = optional`${g.random.once(3) ? " OFFSET 1" : ""}`;
	const limit = g.random.once(2) ? optional` LIMIT ${g.random.pick(["0", "1", "2", "5", "10", "-1"])}${offset}` : "";
	const order: Tree = { kind: "optional", ordered: true, parts: [ordering(g, inner), limit] };
	return { ...inner, tree: query`${prefix}${inner.tree}${order}` };
}

/** The rows in an order that leaves nothing open. */
function ordering(g: Generator, inner: Query): Tree {
	const direction = () => g.random.pick(["", "", " ASC", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
	const named: Named[] = inner.columns.map(({ name, hint }) => ({ tree: name, hint }));
	const term = () =>
		inner.sortable === "by expressions" && g.random.once(3)
			? fixed`${expressionOf(g, { columns: named, outer: [], ctes: [], forbidden: [], closed: true }, "any", 2)}`
			: fixed`${g.random.pick(named).tree}${g.random.once(4) ? " COLLATE NOCASE" : ""}`;
	const first = items(g, 0, 2, () => optional`${term()}${direction()}, `);
	const rest =
		inner.precision === "exact" && inner.sortable === "by expressions"
			? totalOrder(named)
			: named.map((_, i) => `${i + 1}${direction()}`).join(", ");
	return { kind: "fixed", parts: [" ORDER BY ", ...first, rest] };
}

function body(g: Generator, scope: Scope, wanted: Wanted): Query {
	const make = g.choose<() => Query>([
		[8, () => plain(g, scope, wanted)],
		[3, () => grouped(g, scope, wanted), "aggregate"],
		[2, () => aggregated(g, scope, wanted), "aggregate"],
		[3, () => windowed(g, scope, wanted), "window"],
		[g.random.once(2) ? 1 : 0, () => values(g, wanted)],
		[wanted.depth > 1 ? 2 : 0, () => compound(g, scope, wanted), "compound"],
	]);
	return make();
}

/** A SELECT list: each item under a name that nothing else has. */
function selected(g: Generator, found: readonly Named[]): { list: Node; columns: Query["columns"] } {
	const columns = found.map(({ hint }) => ({ name: g.alias(), hint }));
	return { columns, list: list(found.map(({ tree }, i) => fixed`${tree} AS ${columns[i]?.name ?? ""}`)) };
}

function from(g: Generator, scope: Scope, depth: number): { tree: Tree; scope: Scope } {
	return (g.random.once(12) ? undefined : sources(g, scope, depth)) ?? noSource(scope);
}

function where(g: Generator, scope: Scope, depth: number): Tree {
	if (g.random.once(3)) return "";
	const some = expressionOf(g, scope, "boolean", depth - 1);
	const isJoined = !scope.closed && scope.columns.length > 0 && g.chance("scalar subquery", 5);
	return isJoined ? optional` WHERE ${existsQuery(g, scope, depth)} AND ${some}` : optional` WHERE ${some}`;
}

const HINTS = ["any", "number", "text", "boolean"] as const;

function plain(g: Generator, scope: Scope, wanted: Wanted): Query {
	const { width, precision, depth } = wanted;
	const { tree, scope: inside } = from(g, scope, depth);
	const distinct = g.chance("distinct", 6);
	const item = (): Named => {
		const hint = g.random.pick(HINTS);
		const exact = distinct && precision === "exact";
		return { hint, tree: exact ? exactTerm(g, inside, depth - 1) : expressionOf(g, inside, hint, depth - 1) };
	};
	const { list: columns, columns: names } = selected(g, Array.from({ length: width }, item));
	const word = distinct ? tagged("distinct", optional`DISTINCT `) : "";
	return {
		tree: query`SELECT ${word}${columns}${tree}${where(g, inside, depth)}`,
		columns: names,
		precision: distinct ? precision : "exact",
		sortable: "by expressions",
	};
}

function aggregated(g: Generator, scope: Scope, { width, precision, depth }: Wanted): Query {
	const { tree, scope: inside } = from(g, scope, depth);
	const found = Array.from({ length: width }, () => ofAggregates(g, inside, precision, depth));
	const { list: columns, columns: names } = selected(g, found);
	return {
		tree: query`SELECT ${columns}${tree}${where(g, inside, depth)}`,
		columns: names,
		precision,
		sortable: "by expressions",
	};
}

/** An aggregate, or something calculated from aggregates. */
function ofAggregates(g: Generator, scope: Scope, precision: Precision, depth: number): Named {
	if (!g.random.once(3)) return aggregate(g, scope, precision, depth - 1);
	const columns = items(g, 1, 2, () => "").map(() => aggregate(g, scope, "exact", depth - 1));
	const hint = g.random.pick(HINTS);
	return { hint, tree: expressionOf(g, { ...scope, columns, outer: [], closed: true }, hint, 2) };
}

function grouped(g: Generator, scope: Scope, { width, precision, depth }: Wanted): Query {
	const { tree, scope: inside } = from(g, scope, depth);
	const keys = Math.min(width, g.random.between(1, 2));
	const key = (): Named => {
		const hint = g.random.pick(HINTS);
		return { hint, tree: precision === "exact" ? exactTerm(g, inside, depth - 1) : expressionOf(g, inside, hint, 1) };
	};
	const found = Array.from({ length: width }, (_, i) => (i < keys ? key() : ofAggregates(g, inside, precision, depth)));
	const { list: columns, columns: names } = selected(g, found);
	const by = names.slice(0, keys).map(({ name }) => name);
	const having = g.random.once(3) ? optional` HAVING ${ofAggregates(g, inside, "exact", depth).tree}` : "";
	const condition = where(g, inside, depth);
	return {
		tree: tagged("aggregate", query`SELECT ${columns}${tree}${condition} GROUP BY ${by.join(", ")}${having}`),
		columns: names,
		precision,
		sortable: "by expressions",
	};
}

function windowed(g: Generator, scope: Scope, { width, depth }: Wanted): Query {
	const { tree, scope: inside } = from(g, scope, depth);
	const found = Array.from({ length: width }, (_, i): Named => {
		if (i > 0 && g.random.once(3)) return { hint: "any", tree: expressionOf(g, inside, "any", depth - 1) };
		return windowCall(g, inside, depth);
	});
	return exactSelect(g, found, tree, inside, depth);
}

/** SELECT of these columns: rows are equal only where they are the same. */
function exactSelect(g: Generator, found: readonly Named[], tree: Tree, inside: Scope, depth: number): Query {
	const { list: columns, columns: names } = selected(g, found);
	return {
		tree: query`SELECT ${columns}${tree}${where(g, inside, depth)}`,
		columns: names,
		precision: "exact",
		sortable: "by expressions",
	};
}

function values(g: Generator, { width }: Wanted): Query {
	const row = () =>
		fixed`(${list(
			items(g, width, width, () => literal(g.random, "any")),
			width,
		)})`;
	const columns = Array.from({ length: width }, (_, i) => ({ name: `column${i + 1}`, hint: "any" as const }));
	return { tree: query`VALUES ${list(items(g, 1, 3, row))}`, columns, precision: "exact", sortable: "not" };
}

function compound(g: Generator, scope: Scope, wanted: Wanted): Query {
	const inner = { ...wanted, depth: wanted.depth - 1 };
	const part = () => (wanted.precision === "exact" ? exactRows(g, scope, inner) : plain(g, scope, inner));
	const first = part();
	const more = items(g, 1, 2, () => optional` ${g.random.pick(COMPOUNDS)} ${part().tree}`);
	const parts = { kind: "query" as const, parts: [first.tree, ...more] };
	return {
		tree: tagged("compound", parts),
		columns: first.columns,
		precision: wanted.precision,
		sortable: "by columns",
	};
}

/** Rows that are equal only where they are the same. */
function exactRows(g: Generator, scope: Scope, { width, depth }: Wanted): Query {
	const { tree, scope: inside } = from(g, scope, depth);
	const found = Array.from({ length: width }, (): Named => ({ hint: "any", tree: exactTerm(g, inside, depth) }));
	return exactSelect(g, found, tree, inside, depth);
}

function withClause(g: Generator, scope: Scope, depth: number): readonly [Tree, Scope] {
	const ctes: Relation[] = [];
	const trees: Tree[] = [];
	for (const recursive of items(g, 1, 2, () => (g.chance("recursive cte", 3) ? "yes" : ""))) {
		const inside = { ...scope, ctes: [...scope.ctes, ...ctes] };
		const [tree, relation] = recursive === "yes" ? recursiveCte(g, inside, depth) : plainCte(g, inside, depth);
		ctes.push(relation);
		trees.push(tree);
	}
	const prefix = tagged("cte", optional`WITH ${list(trees)} `);
	return [prefix, { ...scope, ctes: [...scope.ctes, ...ctes] }];
}

function plainCte(g: Generator, scope: Scope, depth: number): readonly [Tree, Relation] {
	const inner = nestedQuery(g, scope, depth);
	const name = g.alias("w");
	const columns = inner.columns.map(({ hint }, i) => ({ name: `c${i}`, hint }));
	const how = g.random.pick(["", "", "", "MATERIALIZED ", "NOT MATERIALIZED "]);
	const tree = fixed`${name}(${columns.map((column) => column.name).join(", ")}) AS ${how}(${inner.tree})`;
	return [tree, { name, columns, on: [] }];
}

/** Counts up, and so ends. */
function recursiveCte(g: Generator, scope: Scope, depth: number): readonly [Tree, Relation] {
	const name = g.alias("w");
	const columns = [
		{ name: "c0", hint: "number" as const },
		{ name: "c1", hint: "any" as const },
	];
	const own: Scope = {
		...scope,
		columns: columns.map((column) => ({ tree: `${name}.${column.name}`, hint: column.hint })),
		closed: true,
	};
	const union = g.random.pick(["UNION ALL", "UNION"]);
	const start = fixed`SELECT ${smallNumber(g, { ...scope, columns: [], closed: true }, 1)}, ${literal(g.random, "any")}`;
	const step = fixed`SELECT c0 + 1, ${exactTerm(g, own, Math.min(2, depth))} FROM ${name} WHERE c0 < ${g.random.pick(["3", "5", "8"])}`;
	const tree = tagged("recursive cte", fixed`${name}(c0, c1) AS (${start} ${union} ${step})`);
	return [tree, { name, columns, on: [] }];
}
