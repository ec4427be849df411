/** FROM clauses. */

import { comparison, expressionOf } from "./expressions.js";
import type { Feature } from "./features.js";
import type { Generator, Named, Relation, Scope } from "./generator.js";
import { nestedQuery } from "./queries.js";
import { fixed, optional, query, source, type Tree, tagged } from "./tree.js";
import { JSON_TEXTS } from "./values.js";

export interface Source {
	readonly tree: Tree;
	readonly columns: readonly Named[];
	/** As they are named in it, without a qualifier. */
	readonly names: readonly string[];
}

/** More would make the number of rows explode. */
const MAX_SOURCES = 3;

/** What stands after FROM, and the scope that it makes. Undefined where there is nothing to read. */
export function sources(g: Generator, scope: Scope, depth: number): { tree: Tree; scope: Scope } | undefined {
	const first = part(g, scope, depth);
	if (first === undefined) return undefined;
	const most =
		depth > 1 && g.has("join")
			? g.choose([
					[6, 1],
					[4, 2],
					[1, MAX_SOURCES],
				])
			: 1;
	let joined: Source = first;
	for (let count = 1; count < most; count++) {
		const next = part(g, scope, depth - 1);
		if (next !== undefined) joined = join(g, scope, joined, next, most === 2, depth);
	}
	return { tree: optional` FROM ${joined.tree}`, scope: { ...scope, columns: joined.columns } };
}

function part(g: Generator, scope: Scope, depth: number): Source | undefined {
	const relations = g.relations(scope);
	const make = g.choose<() => Source | undefined>([
		[6, () => (relations.length > 0 ? stored(g, g.random.pick(relations)) : undefined)],
		[depth > 1 ? 1 : 0, () => derived(g, scope, depth - 1), "subquery in FROM"],
		[depth > 1 && g.random.once(6) ? 1 : 0, () => elements(g), "json table"],
	]);
	return make();
}

function stored(g: Generator, relation: Relation): Source {
	const alias = g.alias("x");
	const rowid = relation.rowid === "rowid" ? [{ name: "rowid", hint: "number" as const }] : [];
	return {
		tree: source`${relation.name} AS ${alias}`,
		columns: [...relation.columns, ...rowid].map(({ name, hint }) => ({ tree: `${alias}.${name}`, hint })),
		names: relation.columns.map(({ name }) => name),
	};
}

function derived(g: Generator, scope: Scope, depth: number): Source {
	const alias = g.alias("s");
	const inner = nestedQuery(g, { ...scope, columns: [], outer: [] }, depth);
	return {
		tree: tagged("subquery in FROM", source`(${inner.tree}) AS ${alias}`),
		columns: inner.columns.map(({ name, hint }) => ({ tree: `${alias}.${name}`, hint })),
		names: inner.columns.map(({ name }) => name),
	};
}

function elements(g: Generator): Source {
	const alias = g.alias("j");
	const columns = ["key", "value", "type", "fullkey"].map((name) => ({
		tree: `${alias}.${name}`,
		hint: "any" as const,
	}));
	const walk = g.random.pick(["json_each", "json_tree"]);
	return { tree: tagged("json table", source`${walk}(${g.random.pick(JSON_TEXTS)}) AS ${alias}`), columns, names: [] };
}

/** `alone`: there is nothing else to join, so a name that both have is not ambiguous under USING. */
function join(g: Generator, scope: Scope, left: Source, right: Source, alone: boolean, depth: number): Source {
	const columns = [...left.columns, ...right.columns];
	const inside = { ...scope, columns, closed: true as const };
	// SQLite 3.40 itself loses rows there.
	const outward = columns.some(({ tree }) => String(tree).startsWith("j")) ? 0 : 2;
	const [operator, feature] = g.choose<readonly [string, Feature]>([
		[4, ["JOIN", "join"]],
		[1, ["INNER JOIN", "join"]],
		[1, ["CROSS JOIN", "join"]],
		[5, ["LEFT JOIN", "left join"], "left join"],
		[1, ["LEFT OUTER JOIN", "left join"], "left join"],
		[outward, ["RIGHT JOIN", "full join"], "full join"],
		[outward, ["FULL JOIN", "full join"], "full join"],
	]);
	const common = left.names.filter((name) => right.names.includes(name));
	const names = [...left.names, ...right.names];
	const joined = (tree: Tree) => ({ tree, columns, names });
	if (alone && common.length > 0 && g.chance("join using", 5)) {
		const tree = g.random.once(3)
			? source`${left.tree} NATURAL ${operator} ${right.tree}`
			: source`${left.tree} ${operator} ${right.tree} USING (${g.random.pick(common)})`;
		return joined(tagged("join using", source`${tagged(feature, tree)}`));
	}
	if (feature === "join" && g.random.once(5)) return joined(tagged("join", source`${left.tree}, ${right.tree}`));
	const equal = () => fixed`${g.random.pick(left.columns).tree} = ${g.random.pick(right.columns).tree}`;
	const more = g.random.once(4) ? optional` AND ${comparison(g, inside, Math.min(1, depth - 1))}` : "";
	const on = g.random.once(4)
		? optional` ON ${expressionOf(g, inside, "boolean", Math.min(2, depth - 1))}`
		: optional` ON ${equal()}${more}`;
	return joined(tagged(feature, source`${left.tree} ${operator} ${right.tree}${on}`));
}

/** For rows without a table. */
export function noSource(scope: Scope): { tree: Tree; scope: Scope } {
	return { tree: query``, scope: { ...scope, columns: [] } };
}
