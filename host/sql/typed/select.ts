/** Reads SELECT. */

import type { Inner } from "./bracket.js";
import type { Expression } from "./expression.js";
import type { Items } from "./result.js";
import type { Scope } from "./scope.js";
import type { Sources } from "./sources.js";
import type { Aggregate, Failure, Grouped, None } from "./values.js";

/** [columns, parameters] of the tokens of a SELECT, a Failure, or None beyond the subset. `Raw` is the text as it was written. */
export type Select<S extends string, Outer extends Scope | None, Raw> = S extends `${infer W} ${infer R}`
	? Uppercase<W> extends "SELECT"
		? R extends `${infer W2} ${infer R2}`
			? Uppercase<W2> extends "DISTINCT" | "ALL"
				? Divided<R2, Outer, Plain<Raw>, `${W} ${W2} `>
				: Divided<R, Outer, Plain<Raw>, `${W} `>
			: None
		: None
	: None;

/** Where comments are between its tokens, it is not known what a column's text is. */
export type Plain<Raw> = Raw extends `${string}${"--" | "/*"}${string}` ? None : Raw;

/** At FROM. Most have one, and no query in brackets before it, which may have another. */
type Divided<
	S extends string,
	Outer extends Scope | None,
	Raw,
	Head extends string,
> = S extends `${infer List} FROM ${infer Rest}`
	? Divide<S, `${List} `, Rest, Outer, Raw, Head>
	: S extends `${infer List} from ${infer Rest}`
		? Divide<S, `${List} `, Rest, Outer, Raw, Head>
		: Divide<S, "SELECT ", "", Outer, Raw, Head>;

type Divide<
	S extends string,
	List extends string,
	Rest extends string,
	Outer extends Scope | None,
	Raw,
	Head extends string,
> =
	Uppercase<List> extends `${string}SELECT ${string}` | `${string}DISTINCT `
		? AtFrom<S, ""> extends [infer L extends string, infer R extends string]
			? Core<L, R, Outer, Raw, Head>
			: Items<S, S, NoTables<Outer>, never, never, never, Raw, Head> extends infer Y
				? Y extends [infer E, infer P, unknown]
					? [E, Outer extends Scope ? P : Exclude<P, Aggregate>]
					: Y
				: never
		: Core<List, Rest, Outer, Raw, Head>;

/** The tokens before FROM, outside of brackets, and those behind it. */
export type AtFrom<S extends string, Done extends string> = S extends `${infer W} ${infer R}`
	? W extends "("
		? Inner<R> extends [infer Text extends string, infer Rest extends string]
			? AtFrom<Rest, `${Done}( ${Text}) `>
			: None
		: Uppercase<W> extends "FROM"
			? Done extends `${string}${"DISTINCT" | "distinct"} `
				? AtFrom<R, `${Done}${W} `>
				: [Done, R]
			: AtFrom<R, `${Done}${W} `>
	: None;

interface NoTables<Outer> {
	readonly all: Record<never, never>;
	readonly by: Record<never, never>;
	readonly star: Failure<"* without a table">;
	readonly outer: Outer;
}

interface Found<All, By, Star, Outer> {
	readonly all: All;
	readonly by: By;
	readonly star: Star;
	readonly outer: Outer;
}

/** For what comes behind the list and FROM: `columns` are those of the result. */
interface Behind<All, By, Columns, Outer> {
	readonly all: All;
	readonly by: By;
	readonly columns: Columns;
	readonly outer: Outer;
}

/** The list behind SELECT, and what it is read with. */
interface Listed<List extends string, Raw, Head extends string, Outer extends Scope | None> {
	readonly list: List;
	readonly raw: Raw;
	readonly head: Head;
	readonly outer: Outer;
}

type Core<List extends string, Rest extends string, Outer extends Scope | None, Raw, Head extends string> =
	Sources<Rest, Record<never, never>, Record<never, never>, never, "", "inner", never> extends infer X
		? X extends [
				infer By extends object,
				infer All extends object,
				infer Star,
				infer On extends string,
				infer Tail extends string,
				infer P0,
			]
			? Items<List, List, Found<All, By, Star, Outer>, never, P0, never, Raw, Head> extends infer Y
				? Y extends [infer E, infer P, infer Named]
					? (On extends "" ? [P] : Terms<On, Found<All, By, never, Outer>, P>) extends infer Z
						? Z extends [infer P2]
							? Ended<
									E,
									Tail extends "" ? Z : Clauses<Tail, Behind<WithNames<All, Named>, By, E, Outer>, P2>,
									Found<All, By, Star, Outer>,
									Listed<List, Raw, Head, Outer>,
									Tail
								>
							: Z
						: never
					: Y
				: never
			: X
		: never;

type Ended<
	E,
	X,
	C extends Found<unknown, unknown, unknown, Scope | None>,
	L extends AnyList,
	Tail extends string,
> = X extends [infer P]
	? Aggregate extends P
		? [Grouped extends P ? E : Sure<Ungrouped<C, L>, Tail>, Exclude<P, Aggregate | Grouped>]
		: [E, Exclude<P, Grouped>]
	: X;

type AnyList = Listed<string, unknown, string, Scope | None>;

/** Without groups, aggregates of no rows are a row, in which the columns that expressions name are NULL: the list is read again with these. */
type Ungrouped<C extends Found<unknown, unknown, unknown, Scope | None>, L extends AnyList> =
	Items<
		L["list"],
		L["list"],
		Found<
			OrNull<C["all"]>,
			{ [N in keyof C["by"]]: OrNull<C["by"][N]> },
			C["star"] extends infer S ? (S extends [infer N, infer T] ? [N, T | null] : S) : never,
			L["outer"]
		>,
		never,
		never,
		never,
		L["raw"],
		L["head"]
	> extends [infer E, unknown, unknown]
		? E
		: never;

/** The row is there, unless something behind takes it away. */
type Sure<E, Tail extends string> =
	Uppercase<Tail> extends `${string}${"HAVING" | "LIMIT"} ${string}`
		? E
		: E extends [infer N, infer T]
			? [N, T, "row"]
			: E;

type OrNull<Row> = { [N in keyof Row]: Row[N] extends Failure<string> ? Row[N] : Row[N] | null };

/** Columns that were given names in the list can be named behind it; in ORDER BY others too, before those of several tables. */
type WithNames<All, Named> = [Named] extends [never]
	? All
	: [Named] extends [[PropertyKey, unknown]]
		? {
				[K in keyof All | Named[0]]: K extends keyof All
					? All[K] extends Failure<string>
						? NamedAs<K, Named>
						: All[K]
					: NamedAs<K, Named>;
			}
		: never;

/** Those that have names. */
type NamesOf<E> = E extends [infer N extends PropertyKey, infer T] ? [N, T] : never;

type NamedAs<K, Named> = Named extends [infer N, infer T] ? (K extends N ? T : never) : never;

/** [parameters] of what comes behind FROM and what it joins. */
export type Clauses<S extends string, C extends Scope, P> = S extends `${infer W} ${infer R}`
	? Uppercase<W> extends "WHERE" | "HAVING"
		? Terms<R, C, P>
		: Uppercase<W> extends "GROUP" | "ORDER"
			? R extends `${string} ${infer R2}`
				? Terms<R2, C, Uppercase<W> extends "GROUP" ? P | Grouped : P> extends infer X
					? [X, C] extends [Failure<`${string} is in several tables${string}`>, { readonly columns: infer E }]
						? Terms<
								R2,
								Behind<WithNames<C["all"], NamesOf<E>>, C["by"], never, C["outer"]>,
								Uppercase<W> extends "GROUP" ? P | Grouped : P
							>
						: X
					: never
				: None
			: Uppercase<W> extends "LIMIT" | "OFFSET"
				? Expression<R, C, [number]> extends infer X
					? X extends [unknown, infer Rest extends string, infer P2]
						? Rest extends `, ${infer R2}`
							? Clauses<`OFFSET ${R2}`, C, P | P2>
							: Rest extends ""
								? [P | P2]
								: Clauses<Rest, C, P | P2>
						: X
					: never
				: None
	: None;

/** Expressions with commas between them, each with an order; then what follows. */
export type Terms<S extends string, C extends Scope, P> =
	Expression<S, C> extends infer X
		? X extends [unknown, infer R extends string, infer P2]
			? R extends ""
				? [P | P2]
				: R extends `, ${infer R2}`
					? Terms<R2, C, P | P2>
					: Ordered<R> extends infer R3
						? R3 extends `, ${infer R4}`
							? Terms<R4, C, P | P2>
							: R3 extends ""
								? [P | P2]
								: R3 extends string
									? Clauses<R3, C, P | P2>
									: None
						: never
			: X
		: never;

type Ordered<S extends string> = S extends `${infer W} ${infer R}`
	? Uppercase<W> extends "ASC" | "DESC"
		? Ordered<R>
		: Uppercase<W> extends "NULLS"
			? R extends `${string} ${infer R2}`
				? R2
				: S
			: S
	: S;
