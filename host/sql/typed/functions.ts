/** What functions yield. */

import type { Inner } from "./bracket.js";
import type { Aggregate, BigOf, None, NullOf } from "./values.js";

/** Whatever they are given. */
interface Always {
	avg: number | null;
	changes: number;
	char: string;
	count: number;
	cume_dist: number;
	date: string | null;
	datetime: string | null;
	dense_rank: number;
	group_concat: string | null;
	hex: string;
	json_array: string;
	json_array_length: number | null;
	json_group_array: string;
	json_group_object: string;
	json_object: string;
	json_type: string | null;
	julianday: number | null;
	last_insert_rowid: number;
	ntile: number;
	percent_rank: number;
	pi: number;
	quote: string;
	rank: number;
	row_number: number;
	sqlite_version: string;
	strftime: string | null;
	string_agg: string | null;
	time: string | null;
	total: number;
	total_changes: number;
	typeof: string;
	unicode: number | null;
	unixepoch: number | null;
}

/** NULL where one of what they are given is. */
interface Strict {
	abs: number;
	glob: number;
	instr: number;
	json_valid: number;
	length: number;
	like: number;
	lower: string;
	ltrim: string;
	replace: string;
	rtrim: string;
	trim: string;
	upper: string;
}

/** Of numbers, and NULL of what is none, or where there is no answer. */
type Numeric =
	| "acos"
	| "acosh"
	| "asin"
	| "asinh"
	| "atan"
	| "atan2"
	| "atanh"
	| "ceil"
	| "ceiling"
	| "cos"
	| "cosh"
	| "degrees"
	| "exp"
	| "floor"
	| "ln"
	| "log"
	| "log10"
	| "log2"
	| "mod"
	| "pow"
	| "power"
	| "radians"
	| "round"
	| "sign"
	| "sin"
	| "sinh"
	| "sqrt"
	| "tan"
	| "tanh"
	| "trunc";

/** The first that is not NULL. */
type FirstOf<Arguments extends readonly unknown[]> = Exclude<Arguments[number], null> | AllNull<Arguments>;

/** Null where all of them may be. */
type AllNull<Arguments extends readonly unknown[]> = Arguments extends readonly [infer First, ...infer Others]
	? null extends First
		? AllNull<Others>
		: never
	: null;

type Second<Arguments extends readonly unknown[]> = Arguments extends readonly [unknown, infer T, ...unknown[]]
	? T
	: null;

type Third<Arguments extends readonly unknown[]> = Arguments extends readonly [unknown, unknown, infer T] ? T : null;

type First<Arguments extends readonly unknown[]> = Arguments extends readonly [infer T, ...unknown[]] ? T : null;

/** The result of a call: name in lower case, types of what it is given. `unknown` where it is not known. */
export type CallResult<Name, Arguments extends readonly unknown[]> = Name extends keyof Always
	? Always[Name]
	: Name extends keyof Strict
		? Strict[Name] | NullOf<Arguments[number]> | (Name extends "abs" ? BigOf<Arguments[number]> : never)
		: Name extends "sum"
			? number | BigOf<Arguments[number]> | null
			: Name extends "coalesce" | "ifnull"
				? FirstOf<Arguments>
				: Name extends "min" | "max"
					? Arguments extends readonly [infer T]
						? T | null
						: Arguments[number]
					: Name extends Numeric
						? number | null
						: Name extends "nullif"
							? First<Arguments> | null
							: Name extends "iif"
								? Second<Arguments> | Third<Arguments>
								: Name extends "substr" | "substring"
									? First<Arguments> extends string | null
										? string | NullOf<Arguments[number]>
										: unknown
									: Name extends "first_value" | "last_value" | "nth_value" | "lag" | "lead"
										? First<Arguments> | (Arguments extends readonly [unknown, unknown, infer T] ? T : null)
										: Name extends "likely" | "unlikely"
											? First<Arguments>
											: unknown;

type AggregateName =
	| "avg"
	| "count"
	| "group_concat"
	| "json_group_array"
	| "json_group_object"
	| "string_agg"
	| "sum"
	| "total";

/** The mark of an aggregate, where this is one and no window function. */
export type AggregateOf<Name, Arguments extends readonly unknown[], Rest extends string> = Name extends
	| AggregateName
	| (Arguments extends readonly [unknown] ? "min" | "max" : never)
	? Rest extends `${"OVER" | "over"} ${string}`
		? never
		: Rest extends `${"FILTER" | "filter"} ( ${infer Inside}`
			? Inner<Inside> extends [string, `${"OVER" | "over"} ${string}`]
				? never
				: Aggregate
			: Aggregate
	: never;

interface Texts {
	lower: string;
	upper: string;
	trim: string;
	ltrim: string;
	rtrim: string;
	length: string;
	abs: number;
	round: number;
}

/** [what a parameter that the function is given first has to be], None where it may be anything. */
export type ArgumentOf<Name> = Name extends keyof Texts ? [Texts[Name] | null] : None;
