/** PRAGMAs about functions and collations. */

import type { Tuple } from "../execute/operator.js";
import { AGGREGATE_FUNCTIONS } from "../function/aggregate.js";
import { SCALAR_FUNCTIONS } from "../function/scalar.js";
import { define } from "./pragma-table.js";

interface Arity {
	readonly minimum: number;
	readonly maximum: number;
}

const DETERMINISTIC = 0x200800;
const OTHER = 0x200000;
/** More numbers of arguments than this are said in one row. */
const MAX_ARITIES = 4;

/** One row per number of arguments; -1 for any. */
function rowsFor(name: string, type: "s" | "w", { minimum, maximum }: Arity, flags: number): Tuple[] {
	const row = (count: number): Tuple => [name, 1, type, "utf8", count, flags];
	if (maximum - minimum >= MAX_ARITIES) return [row(-1)];
	return Array.from({ length: maximum - minimum + 1 }, (_, i) => row(minimum + i));
}

export const FUNCTION_PRAGMAS = [
	define("collation_list", ["seq", "name"], [], () => [
		[0, "RTRIM"],
		[1, "NOCASE"],
		[2, "BINARY"],
	]),
	define("function_list", ["name", "builtin", "type", "enc", "narg", "flags"], [], (_name, _schema, session) => {
		const builtIn = [
			...[...SCALAR_FUNCTIONS.values()].flatMap((one) =>
				rowsFor(one.name, "s", one, one.deterministic ? DETERMINISTIC : OTHER),
			),
			...[...AGGREGATE_FUNCTIONS.values()].flatMap((one) => rowsFor(one.name, "w", one, OTHER)),
		];
		const names = new Set([...SCALAR_FUNCTIONS.keys(), ...AGGREGATE_FUNCTIONS.keys()]);
		const own = session.functions.names().filter((name) => !names.has(name));
		return [...builtIn, ...own.map((name): Tuple => [name, 0, "s", "utf8", -1, 0])];
	}),
	define("compile_options", ["compile_options"], [], () => []),
	define("module_list", ["name"], [], (_name, _schema, session) =>
		[...session.functions.tableNames()].map((name) => [name]),
	),
];
