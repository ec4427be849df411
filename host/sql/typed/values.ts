/** Values of statements as types: what may be bound, and how what is compared says what a parameter is. */

/** A value that a parameter can be given. */
export type SqlParameter = null | number | bigint | string | Uint8Array;

/** Why a text is wrong. It stands in the place of a type until the call shows it. */
export interface Failure<Message extends string> {
	readonly failure: Message;
}

/** Stands in the place of a type for what is not there. */
export interface None {
	readonly none: never;
}

export type NullOf<T> = null extends T ? null : never;

/** bigint where it is said that values may be. */
export type BigOf<T> = unknown extends T ? never : bigint extends T ? bigint : never;

/** What may be compared with a value of this type, or stored in its column. */
export type Bindable<T> = unknown extends T
	? SqlParameter
	: T extends number
		? number extends T
			? number | bigint
			: T
		: T extends bigint
			? number | bigint
			: T extends Uint8Array
				? Uint8Array
				: T;

/** A parameter that was found: its name, what it is given, and null where that is allowed beside. Several of one name are all to hold. */
export type Entry<Name extends string, T, Null = never> = [Name, (value: T) => void, Null];

/** Among the parameters: that an aggregate was called. */
export type Aggregate = Entry<"(aggregate)", SqlParameter>;

/** Among the parameters: that there is GROUP BY. */
export type Grouped = Entry<"(grouped)", SqlParameter>;

export type AnyEntry = [string, (value: never) => void, unknown];

/** Columns of a row that were found: name, None where it is not known, and type; "row" where there is one whatever is in the tables. */
export type AnyColumn = [PropertyKey | None, unknown, "row"?];

export type ColumnsOf<Row> = { [K in keyof Row]: [K, Row[K]] }[keyof Row];
