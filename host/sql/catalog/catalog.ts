/** The tables, views and triggers by name, as of one version of the schema. */

import type { StatementNode, TableNameNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { HISTOGRAM_TABLE, KEY_VALUE_TABLE, SCHEMA_TABLE, TEMPORARY_SCHEMA_TABLE } from "./system.js";
import type { Index, StoredTable, Table, Trigger, View } from "./table.js";

export { FIRST_FREE_ID, KEY_VALUE_TABLE, SCHEMA_ID, SCHEMA_TABLE, STATE_ID } from "./system.js";

export interface CatalogState {
	readonly schemaVersion: number;
	readonly nextId: number;
	readonly userVersion: number;
	readonly applicationId: number;
}

export interface CatalogObjects {
	readonly tables: readonly StoredTable[];
	readonly views: readonly View[];
	readonly triggers: readonly Trigger[];
}

/** What was made of the schema's rows, for the next load: most of them are the same then. */
export interface KnownDefinitions {
	/** The trees of texts. */
	readonly parsed: ReadonlyMap<string, StatementNode>;
	/** By `temporary` and name. */
	readonly tables: ReadonlyMap<string, KnownTable>;
}

/** A table, without statistics, and the text and ids of which it is made. */
export interface KnownTable {
	readonly sql: string;
	readonly table: StoredTable;
}

/** Objects of one kind: the temporary ones hide those of the same name that are not. */
class Names<T extends { readonly name: string; readonly temporary: boolean }> {
	readonly #main = new Map<string, T>();
	readonly #temporary = new Map<string, T>();

	constructor(objects: readonly T[]) {
		for (const object of objects) (object.temporary ? this.#temporary : this.#main).set(foldCase(object.name), object);
	}

	find(name: string, schema: string | null): T | undefined {
		const folded = foldCase(name);
		const isTemporary = schema !== null && foldCase(schema) === "temp";
		if (schema !== null && !isTemporary) return this.#main.get(folded);
		return this.#temporary.get(folded) ?? (isTemporary ? undefined : this.#main.get(folded));
	}

	all(): T[] {
		return [...this.#main.values(), ...this.#temporary.values()];
	}
}

const SCHEMA_NAMES = new Set(["sqlite_schema", "sqlite_master"]);
const TEMPORARY_SCHEMA_NAMES = new Set(["sqlite_temp_schema", "sqlite_temp_master"]);

export class Catalog {
	readonly state: CatalogState;
	readonly known: KnownDefinitions;
	readonly #tables: Names<StoredTable>;
	readonly #views: Names<View>;
	readonly #triggers: Names<Trigger>;
	/** By the folded name of their table or view. */
	readonly #triggersByTable = new Map<string, Trigger[]>();

	constructor(objects: CatalogObjects, state: CatalogState, known: KnownDefinitions) {
		this.#tables = new Names(objects.tables);
		this.#views = new Names(objects.views);
		this.#triggers = new Names(objects.triggers);
		this.state = state;
		this.known = known;
		for (const trigger of objects.triggers) {
			const table = foldCase(trigger.node.table.name);
			const known = this.#triggersByTable.get(table);
			if (known === undefined) this.#triggersByTable.set(table, [trigger]);
			else known.push(trigger);
		}
	}

	tables(): StoredTable[] {
		return this.#tables.all();
	}

	views(): View[] {
		return this.#views.all();
	}

	triggers(): Trigger[] {
		return this.#triggers.all();
	}

	find(name: string, schema: string | null = null): Table | undefined {
		const folded = foldCase(name);
		if (folded.startsWith("sqlite_")) {
			const isTemporary = schema !== null && foldCase(schema) === "temp";
			if (TEMPORARY_SCHEMA_NAMES.has(folded) || (isTemporary && SCHEMA_NAMES.has(folded)))
				return TEMPORARY_SCHEMA_TABLE;
			if (SCHEMA_NAMES.has(folded)) return SCHEMA_TABLE;
			if (folded === HISTOGRAM_TABLE.name && !isTemporary) return HISTOGRAM_TABLE;
		}
		const stored = this.#tables.find(name, schema);
		if (stored === undefined && folded === KEY_VALUE_TABLE.name) return KEY_VALUE_TABLE;
		return stored;
	}

	/** A view by its name; temporary tables of that name hide it. */
	view(name: string, schema: string | null = null): View | undefined {
		const view = this.#views.find(name, schema);
		return view !== undefined && !view.temporary && this.#tables.find(name, schema)?.temporary ? undefined : view;
	}

	trigger(name: string, schema: string | null = null): Trigger | undefined {
		return this.#triggers.find(name, schema);
	}

	/** Triggers of a table or view, the last one made first, as SQLite runs them. */
	triggersOn(table: Table | View): readonly Trigger[] {
		const found = this.#triggersByTable.get(foldCase(table.name));
		if (found === undefined || table.kind === "keyValue") return [];
		return found.filter((trigger) => this.#triggerTable(trigger) === table).reverse();
	}

	#triggerTable({ node, temporary }: Trigger): Table | View | undefined {
		const { name, schema } = node.table;
		const wanted = schema ?? (temporary ? null : "main");
		return this.view(name, wanted) ?? this.find(name, wanted);
	}

	findIndex(name: string, schema: string | null = null): { table: StoredTable; index: Index } | undefined {
		const folded = foldCase(name);
		for (const table of this.#tables.all()) {
			if (schema !== null && (foldCase(schema) === "temp") !== table.temporary) continue;
			const index = table.indexes.find((candidate) => foldCase(candidate.name) === folded);
			if (index !== undefined) return { table, index };
		}
		return undefined;
	}

	/** The table of that name, or the error that a user expects. */
	table(name: TableNameNode, source: Source): Table {
		const table = isKnownSchema(name.schema) ? this.find(name.name, name.schema) : undefined;
		if (table !== undefined) return table;
		const written = name.schema === null ? name.name : `${name.schema}.${name.name}`;
		const names = [...this.tables(), ...this.views()].map((candidate) => candidate.name);
		throw sqlErrorAt(
			source,
			name.at,
			`no such table: ${written}${suggestion(name.name, [...names, "kv", "sqlite_schema"])}`,
		);
	}
}

export function isKnownSchema(schema: string | null): boolean {
	return schema === null || /^(main|temp)$/i.test(schema);
}
