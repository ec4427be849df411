/** A column as it is declared, step by step: each step answers another column. */

import type { DateTypes, TextTypes, TimestampTypes } from "./column-types.js";
import { checkedExpression, isLiteral } from "./expression.js";
import { KINDS, type Kind } from "./kinds.js";
import { literalOf } from "./literal.js";
import { checkedName, invalid, isPlainObject, shown } from "./names.js";
import { checkedActions, type ForeignActions, type TableColumn } from "./reference.js";
import type { ColumnTypes, Trait } from "./types.js";

/** How texts are compared and sorted; by their bytes in UTF-8 unless it is said. */
export type Collation = "binary" | "nocase" | "rtrim";

export interface ColumnDefault {
	/** SQL. */
	readonly text: string;
	/** The same for every row: it can be added to a table that has rows. */
	readonly isConstant: boolean;
}

export interface ColumnReference extends Required<ForeignActions> {
	readonly target: () => unknown;
}

/** What was said of a column. */
export interface ColumnDefinition {
	readonly kind: Kind;
	/** Undefined where it is called as its property. */
	readonly name?: string;
	readonly isPrimaryKey?: boolean;
	readonly isAutoincrement?: boolean;
	readonly isNotNull?: boolean;
	readonly isUnique?: boolean;
	readonly isIndexed?: boolean;
	readonly default?: ColumnDefault;
	readonly checks?: readonly string[];
	readonly collation?: Collation;
	readonly references?: ColumnReference;
}

/** What is said of a primary key of one column. */
export interface PrimaryKeyOptions<IsRowid extends boolean> {
	/** Numbers of rows that were deleted are not given out again; false unless given. For a key that is the rowid alone. */
	readonly autoincrement?: IsRowid extends true ? boolean : false;
}

/** A default that is computed for each row. */
const NOW: Readonly<Partial<Record<Kind["name"], string>>> = {
	date: "date('now')",
	timestamp: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
};

const COLLATIONS: readonly unknown[] = ["binary", "nocase", "rtrim"];

/**
 * A column of a table, as `integer()`, `text()` and the others make it. May be NULL unless it says `notNull()` or `primaryKey()`. Each
 * method answers a new column and leaves this one as it is: `text().notNull().unique()`. What does not fit the type is refused with
 * `WLSM_INVALID_ARGUMENT`.
 */
export class Column<Types extends ColumnTypes, Traits extends Trait = never, Name extends string = never> {
	/** For the compiler alone. */
	declare readonly "~types": { readonly types: Types; readonly traits: Traits; readonly name: Name };
	readonly #definition: ColumnDefinition;

	/** @internal */
	constructor(definition: ColumnDefinition) {
		this.#definition = definition;
	}

	/** Undefined for what is no column. @internal */
	static definitionOf(column: unknown): ColumnDefinition | undefined {
		return column instanceof Column ? (column as Column<ColumnTypes>).#definition : undefined;
	}

	#with<T extends Trait = never>(said: Partial<ColumnDefinition>): Column<Types, Traits | T, Name> {
		return new Column({ ...this.#definition, ...said });
	}

	/**
	 * The primary key, which is never NULL. One of `integer()` or `bigint()` is the rowid: a row that is inserted without it gets the next
	 * number, but for tables `withoutRowid`. A key of several columns is an option of the table.
	 */
	primaryKey(options: PrimaryKeyOptions<Types["rowid"]> = {}): Column<Types, Traits | "primaryKey", Name> {
		const { name, isRowid } = this.#definition.kind;
		if (name === "boolean" || name === "json") throw invalid(`A column of ${name} cannot be a primary key.`);
		const isAutoincrement = autoincrementOf(options);
		if (isAutoincrement && !isRowid)
			throw invalid(`A primary key of ${name} has no autoincrement: only those of integer and bigint are numbered.`);
		return this.#with<"primaryKey">({ isPrimaryKey: true, isAutoincrement });
	}

	/** Is never NULL: a row that is inserted has a value for it, unless the column has a default. */
	notNull(): Column<Types, Traits | "notNull", Name> {
		return this.#with<"notNull">({ isNotNull: true });
	}

	/** At most one row has a value; any number may be NULL. Kept by a unique index. */
	unique(): Column<Types, Traits | "unique", Name> {
		if (this.#definition.kind.compares === "nothing")
			throw invalid("A column of json cannot be unique: equal values may have different texts.");
		return this.#with<"unique">({ isUnique: true });
	}

	/** An index over this column alone. */
	index(): Column<Types, Traits, Name> {
		return this.#with({ isIndexed: true });
	}

	/** What rows have that are inserted without this column: a value of the column's type, not null. */
	default(value: Types["input"]): Column<Types, Traits | "default", Name> {
		const { kind } = this.#definition;
		const stored = value === undefined || value === null ? undefined : kind.store(value);
		if (stored === undefined) throw invalid(`A default of ${kind.name} is ${kind.takes}, not ${shown(value)}.`);
		return this.#with<"default">({ default: { text: literalOf(stored), isConstant: true } });
	}

	/** The same as an expression of SQL, such as `"abs(random())"`, which is computed for each row. It is the program's own text: never a user's. */
	defaultSql(expression: string): Column<Types, Traits | "default", Name> {
		const text = checkedExpression(expression, "default");
		const isConstant = isLiteral(text);
		return this.#with<"default">({ default: { text: isConstant ? text : `(${text})`, isConstant } });
	}

	/** The moment, or the day in UTC, at which the row is inserted. */
	defaultNow(this: Column<DateTypes | TimestampTypes, Traits, Name>): Column<Types, Traits | "default", Name>;
	defaultNow(): Column<Types, Traits | "default", Name> {
		const { kind } = this.#definition;
		const now = NOW[kind.name];
		if (now === undefined)
			throw invalid(`Only columns of date and timestamp have a default of now, not those of ${kind.name}.`);
		return this.#with<"default">({ default: { text: `(${now})`, isConstant: false } });
	}

	/**
	 * Refers to a column that is a primary key or unique: `.references(() => users.id, { onDelete: "cascade" })`. It is enforced where the
	 * connection has `PRAGMA foreign_keys = ON`. A table that refers to itself says the type: `(): TableColumn<number> => nodes.id`.
	 */
	references(target: () => TableColumn<Types["value"]>, actions: ForeignActions = {}): Column<Types, Traits, Name> {
		if (typeof target !== "function")
			throw invalid(
				`references takes a function that answers a column of a table, such as () => users.id, not ${shown(target)}.`,
			);
		return this.#with({ references: { target, ...checkedActions(actions) } });
	}

	/** A condition of SQL for every row, such as `"age >= 0"`; several may be given. It is the program's own text: never a user's. */
	check(expression: string): Column<Types, Traits, Name> {
		return this.#with({ checks: [...(this.#definition.checks ?? []), checkedExpression(expression, "check")] });
	}

	/** How texts are compared and sorted: "nocase" takes letters of ASCII in either case as the same, "rtrim" leaves blanks at the end out. */
	collate(this: Column<TextTypes, Traits, Name>, collation: Collation): Column<Types, Traits, Name>;
	collate(collation: Collation): Column<Types, Traits, Name> {
		if (!COLLATIONS.includes(collation))
			throw invalid(`A collation is one of ${COLLATIONS.join(", ")}, not ${shown(collation)}.`);
		if (this.#definition.kind !== KINDS.text) throw invalid("Only columns of text have a collation.");
		return this.#with({ collation });
	}

	/** Its name in SQL, where that is not the property's. */
	named<const N extends string>(name: N): Column<Types, Traits, N> {
		return new Column({ ...this.#definition, name: checkedName(name, "column") });
	}
}

function autoincrementOf(options: unknown): boolean {
	if (!isPlainObject(options)) throw invalid(`The options of a primary key are an object, not ${shown(options)}.`);
	const { autoincrement = false, ...others } = options;
	const [unknown] = Object.keys(others);
	if (unknown !== undefined) throw invalid(`A primary key has no option ${shown(unknown)}. There is autoincrement.`);
	if (typeof autoincrement !== "boolean") throw invalid(`autoincrement is true or false, not ${shown(autoincrement)}.`);
	return autoincrement;
}
