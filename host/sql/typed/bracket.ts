/** What is in brackets: their ends, and those that are read as a whole; see expression.ts. */

import type { Frame } from "./expression.js";
import type { AggregateOf, CallResult } from "./functions.js";
import type { Operator } from "./operator.js";
import type { Scope } from "./scope.js";
import type { Select } from "./select.js";
import type { Bindable, Entry, None, NullOf, SqlParameter } from "./values.js";
import type { ParameterName } from "./words.js";

/** A parameter among what coalesce() is given: it is what the others are, or NULL. */
export interface Waits<Name> {
	readonly waits: Name;
}

/** At the closing bracket, behind the last value in it. */
export type Ended<T, N, R extends string, C extends Scope, P, F extends Frame> = F[0] extends "("
	? Closed<F[1] extends [] ? T : unknown, R, C, P, F>
	: F[0] extends "in"
		? Closed<number | NullOf<T | N>, R, C, P, F>
		: F[0] extends "coalesce" | "ifnull"
			? Chosen<[...F[1], T], R, C, P, F>
			: F[0] extends "when" | "then" | "else" | "cast"
				? None
				: F[0] extends ["kept", infer Kept]
					? Closed<Kept, R, C, P, F>
					: Closed<CallResult<F[0], [...F[1], T]>, R, C, P | AggregateOf<F[0], [...F[1], 0], R>, F>;

/** The value of a bracket is one of what is around it. */
export type Closed<V, R extends string, C extends Scope, P, F extends Frame> = F[2] extends [
	infer Around extends Frame,
	infer L,
	infer A,
	infer N,
	infer Q,
]
	? Operator<R, C, P, Around, V, L, A, N, Q>
	: None;

/** coalesce() and ifnull(). */
export type Chosen<Arguments extends unknown[], R extends string, C extends Scope, P, F extends Frame> =
	Extract<Arguments[number], Waits<string>> extends infer Waiting
		? [Waiting] extends [never]
			? Closed<CallResult<F[0], Arguments>, R, C, P, F>
			: Others<Arguments, []> extends infer Known extends unknown[]
				? Closed<
						Known extends [] ? unknown : CallResult<F[0], Known>,
						R,
						C,
						P | ChosenBy<Waiting, Known extends [] ? SqlParameter : Bindable<Known[number]> | null>,
						F
					>
				: never
		: never;

type ChosenBy<Waiting, T> = Waiting extends Waits<infer Name extends string> ? Entry<Name, T> : never;

type Others<Arguments extends unknown[], Done extends unknown[]> = Arguments extends [infer First, ...infer Rest]
	? Others<Rest, First extends Waits<unknown> ? Done : [...Done, First]>
	: Done;

/** The text of a bracket that was opened, and what comes behind it. */
export type Inner<
	S extends string,
	Done extends string = "",
	Depth extends unknown[] = [],
> = S extends `${infer A}) ${infer R}`
	? A extends `${infer A1}( ${infer A2}`
		? Inner<`${A2}) ${R}`, `${Done}${A1}( `, [...Depth, 0]>
		: Depth extends [unknown, ...infer Less]
			? Inner<R, `${Done}${A}) `, Less>
			: [`${Done}${A}`, R]
	: None;

/** Parameters of what is not read. */
export type Unread<S extends string, P = never> = S extends `${infer W} ${infer R}`
	? Unread<R, P | ([ParameterName<W>] extends [never] ? never : Entry<ParameterName<W>, SqlParameter>)>
	: P;

/** [columns, parameters] of a query inside another, or a Failure; of what is beyond the subset, columns are not known. */
export type Subquery<Text extends string, C extends Scope> =
	Select<Text, C, None> extends infer X ? (X extends None ? [[string, unknown], Unread<Text>] : X) : never;
