/** CREATE, ALTER and DROP, with what they do to the schema. */

import { expressionOf, items, smallNumber, totalOrder } from "./expressions.js";
import { foreignKey } from "./foreign.js";
import { type Generator, NO_SCOPE, type Scope } from "./generator.js";
import { nestedQuery } from "./queries.js";
import { type Column, changeTable, plainTable, type Schema, type Table, withoutTable } from "./schema-model.js";
import { fixed, list, type Node, optional, type Tree, tagged, textOf } from "./tree.js";
import { type Hint, literal } from "./values.js";

/** A statement, and the schema once it has run. */
export interface Definition {
	readonly tree: Node;
	apply(schema: Schema): Schema;
}

// biome-ignore format: a table
const TYPES: readonly (readonly [type: string, hint: Hint])[] = [
	["INTEGER", "number"], ["INT", "number"], ["BIGINT", "number"], ["TEXT", "text"], ["TEXT", "text"], ["VARCHAR(10)", "text"],
	["REAL", "number"], ["DOUBLE PRECISION", "number"], ["NUMERIC", "number"], ["DECIMAL(10,2)", "number"], ["BLOB", "any"],
	["", "any"], ["", "any"], ["BOOLEAN", "boolean"], ["DATE", "text"],
];
const STRICT_TYPES: typeof TYPES = [
	["INTEGER", "number"],
	["INT", "number"],
	["REAL", "number"],
	["TEXT", "text"],
	["BLOB", "any"],
	["ANY", "any"],
];
const COLLATIONS = ["NOCASE", "RTRIM", "BINARY"];
const ON_CONFLICT = ["", "", "", " ON CONFLICT IGNORE", " ON CONFLICT REPLACE", " ON CONFLICT ABORT"];

/** What a CHECK, an index or a generated column may name: the row's own columns, and nothing that can fail. */
function rowScope(columns: readonly Column[]): Scope {
	return { ...NO_SCOPE, columns: columns.map(({ name, hint }) => ({ tree: name, hint })), closed: true };
}

interface DraftColumn extends Column {
	readonly type: string;
	readonly tree: Tree;
}

function column(g: Generator, name: string, strict: boolean): DraftColumn {
	const [type, hint] = g.random.pick(strict ? STRICT_TYPES : TYPES);
	const collate = type !== "INTEGER" && g.random.once(6) ? optional` COLLATE ${g.random.pick(COLLATIONS)}` : "";
	const value = g.random.once(4)
		? optional` DEFAULT ${g.random.once(3) ? fixed`(${smallNumber(g, NO_SCOPE, 1)})` : literal(g.random, hint)}`
		: "";
	const notNull = g.random.once(6) ? optional` NOT NULL${g.random.pick(ON_CONFLICT)}` : "";
	return {
		name,
		hint,
		generated: false,
		type,
		tree: fixed`${name}${type === "" ? "" : ` ${type}`}${notNull}${value}${collate}`,
	};
}

function generatedColumn(g: Generator, name: string, before: readonly Column[]): DraftColumn {
	const how = g.random.pick(["", " STORED", " VIRTUAL"]);
	const value = expressionOf(g, rowScope(before), "any", 1);
	const always = g.random.pick(["AS", "GENERATED ALWAYS AS"]);
	return {
		name,
		hint: "any",
		generated: true,
		type: "",
		tree: tagged("generated", fixed`${name} ${always} (${value})${how}`),
	};
}

interface Key {
	readonly columns: readonly string[];
	readonly tree: Tree;
}

function key(g: Generator, columns: readonly Column[], word: "PRIMARY KEY" | "UNIQUE"): Key {
	const names = columns.map(({ name }) => name);
	const start = g.random.below(names.length);
	const chosen = [...names.slice(start), ...names.slice(0, start)].slice(0, g.random.between(1, 2));
	const order = () => g.random.pick(["", "", "", " DESC", " ASC"]);
	const tree = fixed`${word} (${chosen.map((name) => name + order()).join(", ")})${g.random.pick(ON_CONFLICT)}`;
	return { columns: chosen, tree: tree };
}

export function createTable(g: Generator): Definition {
	const { random } = g;
	const name = `t${g.schema.serial}`;
	const strict = g.chance("strict", 6);
	const rowless = g.chance("without rowid", 5);
	const columns: DraftColumn[] = items(g, 2, 4, () => "").map((_, i) => column(g, `c${i}`, strict));
	const written = [...columns];
	if (g.chance("generated", 5) && !strict) columns.push(generatedColumn(g, `c${columns.length}`, written));

	const keys: Key[] = [];
	let rowid: string | undefined = rowless ? undefined : "rowid";
	if (!rowless && random.once(2)) {
		const auto = g.chance("autoincrement", 4) ? tagged("autoincrement", optional` AUTOINCREMENT`) : "";
		columns[0] = {
			name: "c0",
			hint: "number",
			generated: false,
			type: "INTEGER",
			tree: fixed`c0 INTEGER PRIMARY KEY${auto}`,
		};
		rowid = "c0";
		keys.push({ columns: ["c0"], tree: "" });
	} else if (rowless || random.once(4)) {
		const primary = key(g, written, "PRIMARY KEY");
		keys.push(primary);
		const [first, second] = primary.columns;
		const alone = second === undefined && columns.find(({ name, type }) => name === first && type === "INTEGER");
		if (!rowless && alone) rowid = first;
	}
	if (random.once(3)) keys.push(key(g, written, "UNIQUE"));
	const referring = columns.filter(({ type, generated }) => !generated && !/REAL|DOUBLE/.test(type));
	const link = g.chance("foreign key", 3) ? foreignKey(g, name, referring, keys) : "";
	const check = random.once(4) ? optional`, CHECK (${expressionOf(g, rowScope(columns), "boolean", 2)})` : "";
	const constraints = keys.filter(({ tree }) => tree !== "").map(({ tree }) => optional`, ${tree}`);
	const options = [rowless ? "WITHOUT ROWID" : "", strict ? "STRICT" : ""].filter((text) => text !== "").join(", ");
	const definition: Tree[] = [list(columns.map(({ tree }) => tree)), ...constraints, link, check];
	const inside = { kind: "fixed" as const, parts: definition };
	let tree: Node = fixed`CREATE TABLE ${name} (${inside})${options === "" ? "" : ` ${options}`}`;
	if (rowless) tree = tagged("without rowid", tree);
	if (strict) tree = tagged("strict", fixed`${tree}`);
	const table: Table = {
		name,
		columns: columns.map(({ name, hint, generated }) => ({ name, hint, generated })),
		rowid,
		// Those with the rowid and others SQLite does not find.
		keys: keys.map((each) => each.columns).filter((each) => each.length === 1 || !each.includes(rowid ?? "")),
		guarded: new Set(keys.flatMap((each) => each.columns)),
		strict,
		linkedToItself: textOf(link).includes(` REFERENCES ${name}(`),
		rows: 0,
		log: false,
	};
	return { tree, apply: (schema) => ({ ...schema, tables: [...schema.tables, table], serial: schema.serial + 1 }) };
}

/** Of a table as a query yields it, in an order that leaves no rowid open. */
export function createTableAs(g: Generator): Definition {
	const name = `t${g.schema.serial}`;
	const inner = nestedQuery(g, NO_SCOPE, 2);
	const found = inner.columns.map(({ name: column, hint }) => ({ tree: `s.${column}`, hint }));
	const columns = found.map(({ hint }, i): Column => ({ name: `c${i}`, hint, generated: false }));
	const shown = found.map(({ tree }, i) => `${textOf(tree)} AS c${i}`).join(", ");
	const query = fixed`SELECT ${shown} FROM (${inner.tree}) AS s ORDER BY ${totalOrder(found)} LIMIT 6`;
	const table = plainTable(name, columns, false);
	return {
		tree: tagged("create as", fixed`CREATE TABLE ${name} AS ${query}`),
		apply: (schema) => ({ ...schema, tables: [...schema.tables, table], serial: schema.serial + 1 }),
	};
}

export function createIndex(g: Generator, table: Table): Definition {
	const { random } = g;
	const name = `i${g.schema.serial}`;
	const unique = random.once(5);
	const order = () => random.pick(["", "", " DESC", " ASC"]);
	const collate = () => (random.once(4) ? ` COLLATE ${random.pick(COLLATIONS)}` : "");
	const used: string[] = [];
	let simple = true;
	const term = (): Tree => {
		if (g.chance("expression index", 4)) {
			simple = false;
			const value = expressionOf(g, rowScope(table.columns), "any", 2);
			return tagged("expression index", fixed`(${value})${order()}`);
		}
		const chosen = random.pick(table.columns).name;
		used.push(chosen);
		return `${chosen}${collate()}${order()}`;
	};
	const terms = list(items(g, 1, 3, term));
	const partial = g.chance("partial index", 3);
	const where = partial
		? tagged("partial index", optional` WHERE ${expressionOf(g, rowScope(table.columns), "boolean", 2)}`)
		: "";
	const tree = tagged(
		"index",
		fixed`CREATE ${unique ? "UNIQUE " : ""}INDEX ${name} ON ${table.name}(${terms})${where}`,
	);
	const guard = (old: Table): Table => {
		if (!unique) return old;
		if (!simple || partial || old.guarded === "all columns") return { ...old, guarded: "all columns" };
		return { ...old, guarded: new Set([...old.guarded, ...used]) };
	};
	return {
		tree,
		apply: (schema) => ({
			...changeTable(schema, table.name, guard),
			indexes: [...schema.indexes, { name, table: table.name }],
			serial: schema.serial + 1,
		}),
	};
}

export function dropIndex(g: Generator): Definition {
	const { name } = g.random.pick(g.schema.indexes);
	return {
		tree: tagged("index", fixed`DROP INDEX ${name}`),
		apply: (schema) => ({ ...schema, indexes: schema.indexes.filter((index) => index.name !== name) }),
	};
}

export function analyze(g: Generator): Definition {
	const names = ["", ...[...g.schema.tables, ...g.schema.indexes].map(({ name }) => ` ${name}`)];
	return { tree: tagged("analyze", fixed`ANALYZE${g.random.pick(names)}`), apply: (schema) => schema };
}

export function createView(g: Generator): Definition {
	const name = `v${g.schema.serial}`;
	const inner = nestedQuery(g, NO_SCOPE, 2);
	const columns = inner.columns.map(({ hint }, i) => ({ name: `c${i}`, hint }));
	const tree = tagged(
		"view",
		fixed`CREATE VIEW ${name}(${columns.map((each) => each.name).join(", ")}) AS ${inner.tree}`,
	);
	// Whatever it reads: a view is dropped from the model with any table.
	const on = g.schema.tables.map((table) => table.name);
	return {
		tree,
		apply: (schema) => ({ ...schema, views: [...schema.views, { name, columns, on }], serial: schema.serial + 1 }),
	};
}

export function dropTable({ name }: Table): Definition {
	return { tree: fixed`DROP TABLE ${name}`, apply: (schema) => withoutTable(schema, name) };
}

export function alterTable(g: Generator, table: Table): Definition {
	const { random } = g;
	const fresh = `c${table.columns.length + g.schema.serial * 10}`;
	const next = (change: (old: Table) => Table) => (schema: Schema) => ({
		...changeTable(schema, table.name, change),
		// What views, keys and guards name is not followed.
		views: [],
		serial: schema.serial + 1,
	});
	const careful = (old: Table): Table => ({ ...old, guarded: "all columns", keys: [] });
	const old = random.pick(table.columns).name;
	const [type, hint] = random.pick(table.strict ? STRICT_TYPES : TYPES);
	const add: Column = { name: fresh, hint, generated: false };
	const value = random.once(2) ? optional` DEFAULT ${literal(random, hint)}` : "";
	const rename = (to: string) => (each: Column) => (each.name === old ? { ...each, name: to } : each);
	return random.pick<Definition>([
		{
			tree: tagged("alter", fixed`ALTER TABLE ${table.name} ADD COLUMN ${fresh} ${type}${value}`),
			apply: next((before) => ({ ...before, columns: [...before.columns, add] })),
		},
		{
			tree: tagged("alter", fixed`ALTER TABLE ${table.name} RENAME COLUMN ${old} TO ${fresh}`),
			apply: next((before) => ({
				...careful(before),
				columns: before.columns.map(rename(fresh)),
				rowid: before.rowid === old ? fresh : before.rowid,
			})),
		},
		{
			tree: tagged("alter", fixed`ALTER TABLE ${table.name} DROP COLUMN ${old}`),
			apply: next((before) => ({ ...before, columns: before.columns.filter(({ name }) => name !== old) })),
		},
		renamed(g, table),
	]);
}

function renamed(g: Generator, table: Table): Definition {
	const name = `t${g.schema.serial}`;
	const moved = <Item extends { readonly table: string }>(items: readonly Item[]) =>
		items.map((item) => (item.table === table.name ? { ...item, table: name } : item));
	return {
		tree: tagged("alter", fixed`ALTER TABLE ${table.name} RENAME TO ${name}`),
		apply: (schema) => ({
			...changeTable(schema, table.name, (old) => ({ ...old, name })),
			views: [],
			indexes: moved(schema.indexes),
			triggers: moved(schema.triggers),
			serial: schema.serial + 1,
		}),
	};
}
