/** The tables of a scope as the search for paths sees them: indexes with their expressions bound, sizes. */

import type { Bound } from "../bind/bound.js";
import { affinityOf } from "../bind/bound.js";
import { ExpressionBinder } from "../bind/expression.js";
import { ParameterList } from "../bind/parameters.js";
import { Scope } from "../bind/scope.js";
import { replaced } from "../bind/traverse.js";
import type { Index, StoredTable } from "../catalog/table.js";
import type { ExpressionNode } from "../parse/ast.js";
import { sourceOf } from "../parse/source.js";
import type { PlanContext, TableSize, TableSizes } from "./context.js";
import { conditionsOf, folded } from "./fold.js";
import type { PathTable, UsableIndex } from "./path.js";

/** What is assumed of a table of which nothing is known. */
const ASSUMED_ROWS = 100_000;

export class PathTables {
	readonly #scope: Scope;
	readonly #context: PlanContext;
	readonly #known = new Map<number, PathTable>();

	constructor(scope: Scope, context: PlanContext) {
		this.#scope = scope;
		this.#context = context;
	}

	of(source: number): PathTable {
		let known = this.#known.get(source);
		if (known === undefined) {
			known = this.#pathTable(source);
			this.#known.set(source, known);
		}
		return known;
	}

	#pathTable(source: number): PathTable {
		const { table, hint } = this.#scope.tables[source] ?? {};
		if (!table) throw new Error("a plan names a table that its scope does not have");
		if (table.kind === "keyValue")
			return { source, table, indexes: [], rows: ASSUMED_ROWS, rowIds: null, hint: hint ?? null, guesses: undefined };
		const usable = () => table.indexes.flatMap((index) => this.#usable(index, table, source) ?? []);
		return new LazyTable(source, table, hint ?? null, usable, this.#context);
	}

	/** Undefined where its expressions call functions that are not there any more. */
	#usable(index: Index, table: StoredTable, source: number): UsableIndex | undefined {
		const bind = (node: ExpressionNode) => this.#bound(node, index, table, source);
		try {
			return {
				index,
				isClustered: index.id === table.id,
				parts: index.columns.map(({ column, expression, collation, descending }) => {
					const bound = expression === null ? this.#scope.column(source, column) : folded(bind(expression));
					return { bound, column, affinity: affinityOf(bound), collation, descending };
				}),
				where: index.where === null ? [] : conditionsOf(bind(index.where)),
			};
		} catch {
			return undefined;
		}
	}

	#bound(node: ExpressionNode, { sql }: Index, table: StoredTable, source: number): Bound {
		const text = sourceOf(sql ?? "");
		const context = { ...this.#context, source: text, parameters: new ParameterList([], text) };
		const bound = new ExpressionBinder(context, new Scope([{ name: table.name, table }])).bind(node);
		return replaced(bound, (part) => (part.kind === "column" ? { ...part, source } : undefined));
	}
}

/** Indexes and sizes at first need: rows that are found by their rowid need neither. */
class LazyTable implements PathTable {
	readonly source: number;
	readonly table: StoredTable;
	readonly hint: PathTable["hint"];
	readonly guesses: PathTable["guesses"];
	readonly #usable: () => readonly UsableIndex[];
	readonly #sizes: TableSizes | undefined;
	#indexes: readonly UsableIndex[] | undefined;
	#size: TableSize | undefined;

	constructor(
		source: number,
		table: StoredTable,
		hint: PathTable["hint"],
		usable: () => readonly UsableIndex[],
		{ sizes, guesses }: Pick<PlanContext, "sizes" | "guesses">,
	) {
		this.source = source;
		this.table = table;
		this.hint = hint;
		this.#usable = usable;
		this.#sizes = sizes;
		this.guesses = guesses;
	}

	get indexes(): readonly UsableIndex[] {
		this.#indexes ??= this.table.indexes.length === 0 ? [] : this.#usable();
		return this.#indexes;
	}

	get rows(): number {
		return this.#known.rows;
	}

	get rowIds(): PathTable["rowIds"] {
		return this.#known.rowIds;
	}

	get #known(): TableSize {
		if (this.#size === undefined) {
			const { statistics } = this.table;
			const guess = statistics === undefined ? this.#sizes?.sizeOf(this.table) : undefined;
			const rows = Math.max(1, statistics?.rows ?? guess?.rows ?? ASSUMED_ROWS);
			this.#size = { rows, rowIds: guess?.rowIds ?? null };
		}
		return this.#size;
	}
}
