/** Reads the columns of a result: the list behind SELECT, or behind RETURNING. */

import type { Expression } from "./expression.js";
import type { Column, KeyOf, Scope, Spaces, Unquoted } from "./scope.js";
import type { ColumnsOf, Failure, None } from "./values.js";
import type { Digit } from "./words.js";

interface StarScope extends Scope {
	/** Columns of *, or a Failure. */
	readonly star: unknown;
}

/**
 * [columns, parameters, columns with names of their own] of the tokens `S`. A column without a name is called by its text: `Raw` is
 * the text as it was written, from the tokens `Head` and then `List` on, which `S` is the end of; None where it is not known.
 */
export type Items<
	S extends string,
	List extends string,
	C extends StarScope,
	E,
	P,
	Named,
	Raw,
	Head extends string,
> = S extends `${infer W} ${infer R}`
	? R extends "" | `, ${string}`
		? W extends keyof C["all"]
			? C["all"][W] extends Failure<string>
				? C["all"][W]
				: Items<Behind<R>, List, C, E | [W, C["all"][W]], P, Named, Raw, Head>
			: W extends "*"
				? C["star"] extends Failure<string>
					? C["star"]
					: Items<Behind<R>, List, C, E | C["star"], P, Named, Raw, Head>
				: W extends `${infer T}.${infer N}`
					? T extends keyof C["by"]
						? N extends keyof C["by"][T]
							? Items<Behind<R>, List, C, E | [N, C["by"][T][N]], P, Named, Raw, Head>
							: Item<S, List, C, E, P, Named, Raw, Head>
						: Item<S, List, C, E, P, Named, Raw, Head>
					: Item<S, List, C, E, P, Named, Raw, Head>
		: [W, R] extends [`${infer T}.`, `* ${infer R2}`]
			? KeyOf<C["by"], Unquoted<T>> extends infer K
				? [K] extends [never]
					? Failure<`no table ${Unquoted<T>} in the query`>
					: R2 extends "" | `, ${string}`
						? Items<Behind<R2>, List, C, E | ColumnsOf<C["by"][K & keyof C["by"]]>, P, Named, Raw, Head>
						: None
				: never
			: Item<S, List, C, E, P, Named, Raw, Head>
	: [E, P, Named];

type Behind<R extends string> = R extends `, ${infer R2}` ? R2 : "";

/** An expression, and its name. */
type Item<S extends string, List extends string, C extends StarScope, E, P, Named, Raw, Head extends string> =
	Expression<S, C> extends infer X
		? X extends [infer T, infer R extends string, infer P2]
			? R extends "" | `, ${string}`
				? Unnamed<T, R, S, List, C, E, P, P2, Named, Raw, Head>
				: R extends `${infer W} ${infer R2}`
					? Uppercase<W> extends "AS"
						? R2 extends `${infer A} ${infer R3}`
							? As<Unquoted<A>, T, R3, List, C, E, P, P2, Named, Raw, Head>
							: None
						: As<Unquoted<W>, T, R2, List, C, E, P, P2, Named, Raw, Head>
					: None
			: X
		: never;

type As<N, T, R, List extends string, C extends StarScope, E, P, P2, Named, Raw, Head extends string> = R extends
	| ""
	| `, ${string}`
	? Items<Behind<R>, List, C, E | [N, T], P | P2, Named | [N, T], Raw, Head>
	: None;

type Unnamed<
	T,
	R extends string,
	S extends string,
	List extends string,
	C extends StarScope,
	E,
	P,
	P2,
	Named,
	Raw,
	Head extends string,
> = S extends `${infer Text}${R}`
	? Bracketed<Text> extends infer W extends string
		? W extends `${string} ${string} `
			? [Raw, List] extends [infer Written extends string, `${infer Before}${S}`]
				? Without<Written, `${Head}${Before}`> extends infer Start extends string
					? Without<Start, Text> extends infer End extends string
						? Start extends `${infer Name}${End}`
							? Items<Behind<R>, R, C, E | [Trimmed<Name>, T], P | P2, Named, End, "">
							: None
						: never
					: never
				: Items<Behind<R>, List, C, E | [None, T], P | P2, Named, Raw, Head>
			: W extends `${infer Token} `
				? TokenName<Token, C> extends infer Name
					? Name extends Failure<string>
						? Name
						: Items<Behind<R>, List, C, E | [Name, T], P | P2, Named, Raw, Head>
					: never
				: None
		: never
	: None;

/** Without the brackets around a column's name. */
type Bracketed<Text extends string, Whole extends string = Text> = Text extends `( ${infer W} ) `
	? W extends `${string} ${string}`
		? Bracketed<`${W} `, Whole>
		: `${W} `
	: Whole;

type TokenName<
	W extends string,
	C extends Scope,
> = W extends `${"'" | "{" | ":" | "@" | "$" | "?" | Digit | `.${Digit}` | "x'" | "X'"}${string}`
	? Spaces<W>
	: Uppercase<W> extends "NULL" | "CURRENT_DATE" | "CURRENT_TIME" | "CURRENT_TIMESTAMP"
		? W
		: Column<W, C> extends infer X
			? X extends [infer K, unknown]
				? K
				: X
			: never;

/** What is left of a text when the tokens are taken from its beginning. */
type Without<Raw extends string, Tokens extends string> = Tokens extends `${infer W} ${infer R}`
	? Raw extends `${string}${Spaces<W>}${infer Rest}`
		? Without<Rest, R>
		: Raw
	: Raw;

type Trimmed<S extends string> = S extends `${" " | "\n" | "\t" | "\r"}${infer R}` ? Trimmed<R> : S;
