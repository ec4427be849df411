/** Functions that only stand with OVER: of a row's place among the rows of its partition. */

/** How execute/window.ts computes the function. */
export type WindowFunctionKind =
	| "row_number"
	| "rank"
	| "dense_rank"
	| "percent_rank"
	| "cume_dist"
	| "ntile"
	| "lag"
	| "lead"
	| "first_value"
	| "last_value"
	| "nth_value";

export interface WindowFunction {
	readonly name: WindowFunctionKind;
	readonly minimum: number;
	readonly maximum: number;
	readonly kind: "window";
}

function define(name: WindowFunctionKind, minimum: number, maximum = minimum): [string, WindowFunction] {
	return [name, { name, minimum, maximum, kind: "window" }];
}

export const WINDOW_FUNCTIONS: ReadonlyMap<string, WindowFunction> = new Map([
	define("row_number", 0),
	define("rank", 0),
	define("dense_rank", 0),
	define("percent_rank", 0),
	define("cume_dist", 0),
	define("ntile", 1),
	define("lag", 1, 3),
	define("lead", 1, 3),
	define("first_value", 1),
	define("last_value", 1),
	define("nth_value", 2),
]);
