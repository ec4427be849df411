/** What expressions at one place of a query can name, with types. */

import type { Bound } from "../bind/bound.js";
import { ROWID } from "../catalog/table.js";
import type { ValueType } from "./value-type.js";
import { ANYTHING, withNull, withoutNull } from "./value-type.js";

/** The columns of one table of FROM. */
export interface SourceTypes {
	readonly columns: readonly ValueType[];
	readonly rowId: ValueType;
}

interface Named {
	/** By the number of the table. */
	readonly sources: ReadonlyMap<number, SourceTypes>;
	readonly aggregates: readonly ValueType[];
	readonly windows: readonly ValueType[];
	/** Values of the row around a query inside an expression. */
	readonly outer: readonly ValueType[];
}

/** A column, an aggregate or an outer value. */
export type NameBound = Extract<Bound, { kind: "column" | "aggregate" | "outer" }>;

export class Environment {
	readonly #named: Named;

	constructor(named: Partial<Named>) {
		this.#named = { sources: new Map(), aggregates: [], windows: [], outer: [], ...named };
	}

	get outer(): readonly ValueType[] {
		return this.#named.outer;
	}

	column(source: number, column: number): ValueType {
		const types = this.#named.sources.get(source);
		return (column === ROWID ? types?.rowId : types?.columns[column]) ?? ANYTHING;
	}

	aggregate(index: number): ValueType {
		return this.#named.aggregates[index] ?? ANYTHING;
	}

	window(index: number): ValueType {
		return this.#named.windows[index] ?? ANYTHING;
	}

	/** With these in the place of what it had. */
	with(named: Partial<Named>): Environment {
		return new Environment({ ...this.#named, ...named });
	}

	/** The tables of both. */
	joined(other: Environment): Environment {
		return this.with({ sources: new Map([...this.#named.sources, ...other.#named.sources]) });
	}

	/** Rows may be there in which all columns are NULL. */
	withNulls(): Environment {
		const sources = [...this.#named.sources].map(
			([source, { columns, rowId }]) => [source, { columns: columns.map(withNull), rowId: withNull(rowId) }] as const,
		);
		return this.with({ sources: new Map(sources) });
	}

	/** Where these are known not to be NULL. */
	where(names: Iterable<NameBound>): Environment {
		const sources = new Map(this.#named.sources);
		const aggregates = [...this.#named.aggregates];
		const outer = [...this.outer];
		for (const name of names) {
			if (name.kind === "aggregate") aggregates[name.index] = withoutNull(this.aggregate(name.index));
			else if (name.kind === "outer") outer[name.index] = withoutNull(outer[name.index] ?? ANYTHING);
			else {
				const types = sources.get(name.source);
				if (types === undefined) continue;
				if (name.column === ROWID) sources.set(name.source, { ...types, rowId: withoutNull(types.rowId) });
				else {
					const columns = [...types.columns];
					columns[name.column] = withoutNull(columns[name.column] ?? ANYTHING);
					sources.set(name.source, { ...types, columns });
				}
			}
		}
		return this.with({ sources, aggregates, outer });
	}
}
