/** `table()`: a declared table with its methods, and those that its columns bring. */

import { Prepared, type SqlSource, sqlOf, Texts } from "./connection.js";
import type { DefinedColumn, TableOptions } from "./declared.js";
import { DEFINITION, TableDefinition } from "./definition.js";
import { migrateDefinitions } from "./migrate/migrate.js";
import { inMain, invalid, quoted, shown } from "./names.js";
import { TableColumn } from "./reference.js";
import { keyValues, RowReader, storedIn, storedValue } from "./rows.js";
import { Selection } from "./selection.js";
import type { ObjectProperty, Table } from "./table-types.js";
import type { Columns, KeysOf, NameOf, ReservedProperties } from "./types.js";
import { TableWrites } from "./writes.js";

/**
 * Declares a table. Nothing of it needs to be there before one of its methods runs; `create`, or `migrate`, makes it:
 *
 *     const users = table("users", {
 *         id: integer().primaryKey(),
 *         name: text().notNull(),
 *         email: text().unique(),
 *     });
 *     users.create(db);
 *     const ada = users.insert(db, { name: "Ada" });   // { id: 1, name: "Ada", email: null }
 *     users.findById(db, 1);                           // a row or undefined
 *     users.findByName(db, "Ada");                     // rows
 *     users.where({ email: null }).orderBy("name").all(db);
 *
 * Values are bound, never spliced into statements. What a column cannot hold is refused with `WLSM_INVALID_ARGUMENT`, and so is `undefined`
 * wherever it stands for a value. Writes that break constraints fail with `WLSM_SQL`, as does a read of a value that is not of the
 * column's type, which something else has written.
 */
export function table<
	const Name extends string,
	C extends Columns & ReservedProperties,
	const Key extends readonly NameOf<C>[] = readonly [],
	const Unique extends readonly (readonly NameOf<C>[])[] = readonly [],
	const WithoutRowid extends boolean = false,
>(
	name: Name,
	columns: C,
	options?: TableOptions<NameOf<C>, Key, Unique, WithoutRowid>,
): Table<Name, C, KeysOf<Key, Unique, WithoutRowid>> {
	const definition = new TableDefinition(name, columns, options);
	const reader = new RowReader(definition);
	const methods = { ...methodsOf(definition, reader), [DEFINITION]: definition };
	const finders = findersOf(definition, reader);
	const own = columnsOf(definition);
	const made: Record<string | symbol, unknown> = { ...methods, columns: own };
	for (const [property, finder] of finders) made[property] = finder;
	for (const [property, column] of Object.entries(own)) {
		if (!Object.hasOwn(made, property) && !OBJECT_PROPERTIES.includes(property)) made[property] = column;
	}
	return Object.freeze(made) as unknown as Table<Name, C, KeysOf<Key, Unique, WithoutRowid>>;
}

const OBJECT_PROPERTIES: readonly string[] = [
	"constructor",
	"hasOwnProperty",
	"isPrototypeOf",
	"propertyIsEnumerable",
	"toLocaleString",
	"toString",
	"valueOf",
] satisfies ObjectProperty[];

function columnsOf(definition: TableDefinition): Readonly<Record<string, TableColumn>> {
	return Object.freeze(
		Object.fromEntries(definition.columns.map(({ property, name }) => [property, new TableColumn(definition, name)])),
	);
}

function methodsOf(definition: TableDefinition, reader: RowReader) {
	const writes = new TableWrites(definition, reader);
	const select = `SELECT ${reader.selected} FROM ${inMain(definition.name)}`;
	const source = { table: definition, reader, texts: new Texts(select), assignments: writes.assignments };
	const where = (condition: unknown) => Selection.of(source, condition);
	const everything = where({});
	const byKey = new Prepared(`${select} WHERE ${writes.byKey}`);
	return {
		tableName: definition.name,
		create: (db: SqlSource, options: unknown = {}) => migrateDefinitions(db, [definition], options),
		get: (db: SqlSource, wanted: unknown) => {
			const values = keyValues(wanted, definition);
			const row = byKey.on(sqlOf(db)).get(...values);
			return row === undefined ? undefined : reader.read(row);
		},
		insert: (db: SqlSource, row: unknown) => writes.insert(sqlOf(db), row),
		insertMany: (db: SqlSource, rows: unknown) => writes.insertMany(sqlOf(db), rows),
		update: (db: SqlSource, wanted: unknown, changes: unknown) => writes.update(sqlOf(db), wanted, changes),
		upsert: (db: SqlSource, row: unknown, options?: unknown) => writes.upsert(sqlOf(db), row, options),
		delete: (db: SqlSource, wanted: unknown) => writes.delete(sqlOf(db), wanted),
		where,
		all: (db: SqlSource) => everything.all(db),
		iterate: (db: SqlSource) => everything.iterate(db),
		count: (db: SqlSource) => everything.count(db),
	};
}

type Finder = (db: SqlSource, value: unknown) => unknown;

function findersOf(definition: TableDefinition, reader: RowReader): Map<string, Finder> {
	const finders = new Map<string, Finder>();
	for (const column of definition.columns) {
		if (column.kind.compares === "nothing") continue;
		// As the type Capitalize has it.
		const name = `findBy${column.property.charAt(0).toUpperCase()}${column.property.slice(1)}`;
		if (finders.has(name))
			throw invalid(
				`Two columns of table ${shown(definition.name)} would be found by ${name}. Call one of their properties otherwise, and the column with .named().`,
			);
		finders.set(name, finderOf(column, definition, reader));
	}
	return finders;
}

function finderOf(column: DefinedColumn, definition: TableDefinition, reader: RowReader): Finder {
	const select = `SELECT ${reader.selected} FROM ${inMain(definition.name)} WHERE ${quoted(column.name)}`;
	const equal = new Prepared(`${select} = ?`);
	if (definition.isKey([column.name])) {
		return (db, value) => {
			const row = equal.on(sqlOf(db)).get(storedValue(column, value, definition));
			return row === undefined ? undefined : reader.read(row);
		};
	}
	const isNull = new Prepared(`${select} IS NULL`);
	return (db, value) => {
		const stored = storedIn(column, value, definition);
		return reader.readAll(stored === null ? isNull.on(sqlOf(db)).all() : equal.on(sqlOf(db)).all(stored));
	};
}
