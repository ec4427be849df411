/**
 * Reads an expression, token by token, in two states that call each other at their ends, which the compiler allows a thousand times:
 * `Operand`, where a value has to come, and `Operator`, behind one. What they hand on:
 *
 *     S   what is left of the tokens
 *     C   the columns that can be named
 *     P   parameters found so far, as entries
 *     F   the bracket that it is in, a Frame
 *     V   the value before the operator
 *     L   [type] of what a parameter here is compared with; ["between", type] before the AND of BETWEEN; None
 *     A   what is computed with the value: "number", "text", "json", or None; "signed" where nothing but a sign is, which is before ||
 *     N   of what stands before in the bracket: null where it may be NULL, number where a comparison or AND, OR, NOT makes the result one,
 *         bigint where such values are calculated with
 *     Q   the name of a parameter whose type the next value says, or never
 */

import type { Operand } from "./operand.js";
import type { Scope } from "./scope.js";
import type { BigOf, Bindable, Entry, None, NullOf } from "./values.js";

/**
 * The kind of a bracket: "(", "in", "cast", "when", "then" and "else" of CASE, the name of a function, ["kept", value] behind FILTER;
 * values before commas in it; [F, L, A, N, Q] around it.
 */
export type Frame = [kind: unknown, before: unknown[], around: unknown];

/** No bracket. */
export type Top = ["", [], None];

/** [type, tokens left, parameters] up to what is not of the expression; a Failure; None beyond the subset. */
export type Expression<S extends string, C extends Scope, L = None> = Operand<S, C, never, Top, L, None, never, never>;

/** What is compared: the value, or what is computed with it. */
export type Value<V, A, N> = A extends None
	? V
	: A extends "number" | "signed"
		? number | NullOf<N | V> | BigOf<N> | BigOf<V>
		: A extends "text"
			? string | NullOf<N | V>
			: unknown;

/** What a whole expression, or what stands between two commas, comes to. */
export type Result<V, A, N> = number extends N ? number | NullOf<N | V> : Value<V, A, N>;

/** The parameter that waited for this value. */
export type Waited<Q, T> = [Q] extends [never] ? never : Q extends string ? Entry<Q, Bindable<T>> : never;

/** The end: what comes next is of the statement, or, in a bracket, beyond the subset. */
export type Stopped<S extends string, P, F extends Frame, V, A, N, Q> = F extends Top
	? [Result<V, A, N>, S, P | Waited<Q, Value<V, A, never>>]
	: None;
