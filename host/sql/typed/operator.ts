/** Behind a value; see expression.ts. */

import type { Closed, Ended, Inner, Subquery, Unread } from "./bracket.js";
import type { Frame, Result, Stopped, Top, Value, Waited } from "./expression.js";
import type { Operand } from "./operand.js";
import type { Scope } from "./scope.js";
import type { BigOf, None, NullOf } from "./values.js";
import type { OperatorWords } from "./words.js";

export type Operator<
	S extends string,
	C extends Scope,
	P,
	F extends Frame,
	V,
	L,
	A,
	N,
	Q,
> = S extends `${infer W} ${infer R}`
	? Uppercase<W> extends keyof OperatorWords
		? OperatorWords[Uppercase<W>] extends infer O
			? O extends "compare"
				? W extends "<" | ">"
					? R extends `${W} ${infer R2}`
						? Operand<R2, C, P, F, L, "number", N | NullOf<V> | BigOf<V>, Q>
						: Compared<R, C, P, F, V, A, N, Q>
					: Compared<R, C, P, F, V, A, N, Q>
				: O extends "comma"
					? F extends Top
						? Stopped<S, P, F, V, A, N, Q>
						: F[0] extends "in"
							? Operand<R, C, P | Waited<Q, Value<V, A, never>>, F, L, None, N | NullOf<V>, never>
							: Operand<
									R,
									C,
									P | Waited<Q, Value<V, A, never>>,
									[F[0], [...F[1], Result<V, A, N>], F[2]],
									None,
									None,
									never,
									never
								>
					: O extends "close"
						? F extends Top
							? Stopped<S, P, F, V, A, N, Q>
							: Ended<Result<V, A, N>, N, R, C, P | Waited<Q, Value<V, A, never>>, F>
						: O extends "and" | "or"
							? [O, L] extends ["and", ["between", infer T]]
								? Operand<R, C, P | Waited<Q, Value<V, A, never>>, F, [T], None, N | NullOf<V>, never>
								: Operand<R, C, P | Waited<Q, Value<V, A, never>>, F, None, None, N | number | NullOf<V>, never>
							: O extends "number" | "divide" | "bar"
								? Computed<O, R, C, P, F, V, L, A, N, Q>
								: O extends "is" | "not" | "null"
									? Tested<O, S, R, C, P, F, V, L, A, N, Q>
									: Others<O, S, R, C, P, F, V, L, A, N, Q>
			: never
		: Stopped<S, P, F, V, A, N, Q>
	: Stopped<"", P, F, V, A, N, Q>;

type Compared<R extends string, C extends Scope, P, F extends Frame, V, A, N, Q> = Operand<
	R,
	C,
	P | Waited<Q, Value<V, A, never>>,
	F,
	[Value<V, A, never>],
	None,
	N | number | NullOf<V>,
	never
>;

/** Arithmetic; `||`; `->` and `->>`, of whose values nothing is known. */
type Computed<O, R extends string, C extends Scope, P, F extends Frame, V, L, A, N, Q> = O extends "divide"
	? Operand<R, C, P, F, L, "number", N | null | BigOf<V>, Q>
	: R extends `| ${infer R2}`
		? Operand<R2, C, P, F, L, A extends None | "signed" ? "text" : A, N | NullOf<V>, Q>
		: R extends `> > ${infer R2}` | `> ${infer R2}`
			? Operand<R extends `> > ${infer R3}` ? R3 : R2, C, P, F, None, "json", N | NullOf<V>, Q>
			: Operand<R, C, P, F, L, "number", N | NullOf<V> | BigOf<V>, Q>;

/** IS, IS NULL and its like, and NOT before another operator. */
type Tested<
	O,
	S extends string,
	R extends string,
	C extends Scope,
	P,
	F extends Frame,
	V,
	L,
	A,
	N,
	Q,
> = O extends "null"
	? Operator<R, C, P, F, number, L, None, N | number, Q>
	: R extends `${"NULL" | "null"} ${infer R2}`
		? Operator<R2, C, P, F, number, L, None, N | number, Q>
		: R extends `${infer W} ${infer R2}`
			? O extends "is"
				? Uppercase<W> extends "NOT"
					? R2 extends `${"NULL" | "null"} ${infer R3}`
						? Operator<R3, C, P, F, number, L, None, N | number, Q>
						: Is<R2, C, P, F, V, A, N, Q>
					: Is<R, C, P, F, V, A, N, Q>
				: Uppercase<W> extends "IN" | "LIKE" | "GLOB" | "BETWEEN" | "REGEXP" | "MATCH"
					? Operator<R, C, P, F, V, L, A, N, Q>
					: Stopped<S, P, F, V, A, N, Q>
			: None;

type Is<R extends string, C extends Scope, P, F extends Frame, V, A, N, Q> = Operand<
	R extends `${infer W} ${string} ${infer R2}` ? (Uppercase<W> extends "DISTINCT" ? R2 : R) : R,
	C,
	P | Waited<Q, Value<V, A, never>>,
	F,
	[Value<V, A, never> | null],
	None,
	N | number | NullOf<V>,
	never
>;

type Others<
	O,
	S extends string,
	R extends string,
	C extends Scope,
	P,
	F extends Frame,
	V,
	L,
	A,
	N,
	Q,
> = O extends "pattern"
	? Operand<R, C, P | Waited<Q, Value<V, A, never>>, F, [string], None, N | number | NullOf<V>, never>
	: O extends "in"
		? R extends `( ${infer Inside}`
			? In<Inside, C, P, F, V, A, N, Q>
			: None
		: O extends "between"
			? Operand<R, C, P, F, ["between", Value<V, A, never>], None, N | number | NullOf<V>, Q>
			: O extends "collate"
				? R extends `${string} ${infer R2}`
					? Operator<R2, C, P, F, V, L, A, N, Q>
					: None
				: O extends "filter"
					? R extends `( ${string} ${infer Inside}`
						? Operand<Inside, C, P, [["kept", V], [], [F, L, A, N, Q]], None, None, never, never>
						: None
					: O extends "over"
						? Over<R, C, P, F, V, L, A, N, Q>
						: Cases<O, S, R, C, P, F, V, A, N, Q>;

type In<R extends string, C extends Scope, P, F extends Frame, V, A, N, Q> = R extends `${infer First} ${infer R2}`
	? Uppercase<First> extends "SELECT" | "WITH" | "VALUES"
		? Inner<R> extends [infer Text extends string, infer Rest extends string]
			? Subquery<Text, C> extends infer X
				? X extends [unknown, infer P2]
					? Operator<Rest, C, P | P2, F, number | null, None, None, N | number, Q>
					: X
				: never
			: None
		: First extends ")"
			? Operator<R2, C, P, F, number, None, None, N | number, Q>
			: Operand<
					R,
					C,
					P,
					["in", [], [F, None, None, N | number | NullOf<V>, Q]],
					[Value<V, A, never>],
					None,
					never,
					never
				>
	: None;

/** The window is not looked at; what is computed over it is of the type that the function has. */
type Over<R extends string, C extends Scope, P, F extends Frame, V, L, A, N, Q> = R extends `( ${infer Inside}`
	? Inner<Inside> extends [infer Text extends string, infer Rest extends string]
		? Operator<Rest, C, P | Unread<Text>, F, V, L, A, N, Q>
		: None
	: R extends `${string} ${infer R2}`
		? Operator<R2, C, P, F, V, L, A, N, Q>
		: None;

/** Parts of CASE and CAST. */
type Cases<O, S extends string, R extends string, C extends Scope, P, F extends Frame, V, A, N, Q> = [O, F[0]] extends [
	"then",
	"when",
]
	? Operand<R, C, P | Waited<Q, Value<V, A, never>>, ["then", F[1], F[2]], None, None, never, never>
	: [O, F[0]] extends ["when", "when"]
		? Operand<R, C, P | Waited<Q, Value<V, A, never>>, F, [Value<V, A, never>], None, never, never>
		: [O, F[0]] extends ["when" | "else", "then"]
			? Operand<
					R,
					C,
					P | Waited<Q, Value<V, A, never>>,
					[O, [...F[1], Result<V, A, N>], F[2]],
					None,
					None,
					never,
					never
				>
			: [O, F[0]] extends ["end", "then" | "else"]
				? Closed<
						F[1][number] | Result<V, A, N> | (F[0] extends "then" ? null : never),
						R,
						C,
						P | Waited<Q, Value<V, A, never>>,
						F
					>
				: [O, F[0]] extends ["as", "cast"]
					? Inner<R> extends [infer Type extends string, infer Rest extends string]
						? Closed<
								CastTo<Uppercase<Type>, BigOf<N> | BigOf<V>> | NullOf<N | V>,
								Rest,
								C,
								P | Waited<Q, Value<V, A, never>>,
								F
							>
						: None
					: Stopped<S, P, F, V, A, N, Q>;

/** By SQLite's rules of affinity. */
type CastTo<Type extends string, Big> = Type extends `${string}INT${string}`
	? number | Big
	: Type extends `${string}${"CHAR" | "CLOB" | "TEXT"}${string}`
		? string
		: Type extends `${string}BLOB${string}`
			? Buffer
			: number;
