/** Where a value has to come; see expression.ts. */

import type { Chosen, Closed, Inner, Subquery, Waits } from "./bracket.js";
import type { Frame, Waited } from "./expression.js";
import type { AggregateOf, ArgumentOf, CallResult } from "./functions.js";
import type { Operator } from "./operator.js";
import type { ColumnOf, Scope } from "./scope.js";
import type { AnyColumn, Bindable, Entry, Failure, None, SqlParameter } from "./values.js";
import type { Digit, NextWords, OperandWords, ParameterName } from "./words.js";

export type Operand<
	S extends string,
	C extends Scope,
	P,
	F extends Frame,
	L,
	A,
	N,
	Q,
> = S extends `${infer W} ${infer R}`
	? W extends keyof C["all"]
		? R extends `( ${infer Inside}`
			? Call<Lowercase<W>, Inside, C, P, F, L, A, N, Q>
			: C["all"][W] extends Failure<string>
				? C["all"][W]
				: Named<C["all"][W], R, C, P, F, L, A, N, Q>
		: Uppercase<W> extends keyof OperandWords
			? OperandWords[Uppercase<W>] extends infer O
				? O extends "skip"
					? Operand<R, C, P, F, L, A, N, Q>
					: O extends "sign"
						? Operand<R, C, P, F, L, W extends "+" ? A : A extends None ? "signed" : A, N, Q>
						: O extends "not"
							? A extends None
								? Operand<R, C, P, F, L, A, N | number, Q>
								: None
							: Word<O, R, C, P, F, L, A, N, Q>
				: never
			: R extends `( ${infer Inside}`
				? Call<Lowercase<W>, Inside, C, P, F, L, A, N, Q>
				: W extends `${"{" | ":" | "@" | "$" | "?"}${string}`
					? Parameter<ParameterName<W>, R, C, P, F, L, A, N, Q>
					: W extends `'${string}`
						? Operator<R, C, P, F, string, L, A, N, Q>
						: W extends `${Digit | `.${Digit}`}${string}`
							? Operator<R, C, P, F, number, L, A, N, Q>
							: W extends `${"x" | "X"}'${string}`
								? Operator<R, C, P, F, Buffer, L, A, N, Q>
								: ColumnOf<W, C> extends infer X
									? X extends [unknown, infer T]
										? [T] extends [Failure<string>]
											? T
											: Named<T, R, C, P, F, L, A, N, Q>
										: X
									: never
	: None;

/** Behind a column: a comparison with a parameter is most of what there is. */
type Named<
	V,
	R extends string,
	C extends Scope,
	P,
	F extends Frame,
	L,
	A,
	N,
	Q,
> = R extends `= {${infer Name}} ${infer R2}`
	? [Q, A, R2] extends [never, None, "" | `AND ${string}`]
		? Operator<R2, C, P | Entry<Name, Bindable<V>>, F, unknown, None, None, N | number | null, never>
		: Operator<R, C, P, F, V, L, A, N, Q>
	: Operator<R, C, P, F, V, L, A, N, Q>;

type Call<Name, R extends string, C extends Scope, P, F extends Frame, L, A, N, Q> = Operand<
	R,
	C,
	P,
	[Name, [], [F, L, A, N, Q]],
	ArgumentOf<Name>,
	None,
	never,
	never
>;

type Word<O, R extends string, C extends Scope, P, F extends Frame, L, A, N, Q> = O extends "open"
	? R extends `${infer First} ${string}`
		? Uppercase<First> extends "SELECT" | "WITH" | "VALUES"
			? Query<"value", R, C, P, F, L, A, N, Q>
			: Operand<R, C, P, ["(", [], [F, L, A, N, Q]], None, None, never, never>
		: None
	: O extends "null"
		? Operator<R, C, P, F, null, L, A, N, Q>
		: O extends "now"
			? Operator<R, C, P, F, string, L, A, N, Q>
			: O extends "case"
				? Operand<R, C, P, ["when", [], [F, L, A, N, Q]], None, None, never, never>
				: O extends "when"
					? F[0] extends "when"
						? Operand<R, C, P, F, L, A, N, Q>
						: None
					: R extends `( ${infer Inside}`
						? O extends "cast"
							? Operand<Inside, C, P, ["cast", [], [F, L, A, N, Q]], None, None, never, never>
							: O extends "exists"
								? Query<"exists", Inside, C, P, F, L, A, N, Q>
								: None
						: Empty<O, R, C, P, F>;

/** A query in brackets: its one value, or whether it has rows. */
type Query<What, R extends string, C extends Scope, P, F extends Frame, L, A, N, Q> =
	Inner<R> extends [infer Text extends string, infer Rest extends string]
		? Subquery<Text, C> extends infer X
			? X extends [infer E, infer P2]
				? Operator<Rest, C, P | P2, F, What extends "exists" ? number : Scalar<E>, L, A, N, Q>
				: X
			: never
		: None;

type Scalar<E> = [E] extends [AnyColumn] ? E[1] | ("row" extends E[2] ? never : null) : unknown;

/** `f()` and `count(*)`. */
type Empty<O, R extends string, C extends Scope, P, F extends Frame> = O extends "close"
	? F[1] extends []
		? Closed<CallResult<F[0], []>, R, C, P, F>
		: None
	: [O, F[0]] extends ["star", "count"]
		? R extends `) ${infer R2}`
			? Closed<number, R2, C, P | AggregateOf<"count", [0], R2>, F>
			: None
		: None;

/** A parameter is what it is compared with; behind an operator what that takes; else what the next operator says. */
type Parameter<Name extends string, R extends string, C extends Scope, P, F extends Frame, L, A, N, Q> = [
	Name,
] extends [never]
	? Operator<R, C, P | Entry<"?", SqlParameter>, F, unknown, L, A, N, Q>
	: A extends None
		? L extends [infer T] | ["between", infer T]
			? Operator<R, C, P | Entry<Name, Bindable<T>>, F, unknown, L, A, N, Q>
			: Undetermined<Name, R, C, P, F, L, A, N, Q>
		: Operator<
				R,
				C,
				P | Entry<Name, A extends "text" ? string : A extends "number" | "signed" ? number | bigint : SqlParameter>,
				F,
				unknown,
				L,
				A,
				N,
				Q
			>;

type Undetermined<
	Name extends string,
	R extends string,
	C extends Scope,
	P,
	F extends Frame,
	L,
	A,
	N,
	Q,
> = R extends `${infer W} ${infer R2}`
	? Uppercase<W> extends keyof NextWords
		? NextWords[Uppercase<W>] extends infer O
			? O extends "compared"
				? Operand<R2, C, P | Waited<Q, SqlParameter>, F, None, None, N | number | null, Name>
				: O extends "between"
					? Operand<R2, C, P | Waited<Q, SqlParameter>, F, ["between", SqlParameter], None, N | number | null, Name>
					: Operator<R, C, P | Entry<Name, O>, F, unknown, L, A, N, Q>
			: never
		: F[0] extends "coalesce" | "ifnull"
			? W extends ","
				? Operand<R2, C, P, [F[0], [...F[1], Waits<Name>], F[2]], None, None, never, never>
				: W extends ")"
					? Chosen<[...F[1], Waits<Name>], R2, C, P, F>
					: Operator<R, C, P | Entry<Name, SqlParameter>, F, unknown, L, A, N, Q>
			: Operator<
					R,
					C,
					P | Entry<Name, SqlParameter, R extends `${"IS" | "is"} ${string}` ? null : never>,
					F,
					unknown,
					L,
					A,
					N,
					Q
				>
	: Operator<R, C, P | Entry<Name, SqlParameter>, F, unknown, L, A, N, Q>;
