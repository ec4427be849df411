/** What Deno is allowed: the flags that docs/runtimes.md states, so that these are the ones that are tested. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/sources.js";

/** First column of the table in the document. */
export type Use =
	| "in memory"
	| "reading only"
	| "the library"
	| "loads"
	| "loads by way of a temporary file"
	| "the command line";

/** What the words in capitals stand for. */
export type Places = Readonly<Record<string, string>>;

export const document = join(root, "docs/runtimes.md");

export function permissionsFor(use: Use, places: Places): readonly string[] {
	const row = readFileSync(document, "utf8")
		.split("\n")
		.map((line) => /^\| (?<use>[^|]+?) +\| `(?<flags>--allow-[^`]+)` +\|/.exec(line)?.groups)
		.find((groups) => groups?.use === use);
	if (row === undefined) throw new Error(`${document} has no permissions for ${use}`);
	return (row.flags ?? "").split(" ").map((flag) => filled(flag, places));
}

function filled(flag: string, places: Places): string {
	const [name = "", values = ""] = flag.split("=");
	// Other flags have names of variables, which look like places.
	if (!["--allow-read", "--allow-write"].includes(name)) return flag;
	const each = values.split(",").map((value) =>
		value.replace(/^[A-Z]+(?=$|\/)/, (word) => {
			if (Object.hasOwn(places, word)) return places[word] as string;
			throw new Error(`${document} speaks of ${word}, which the test does not know`);
		}),
	);
	return `${name}=${each.join(",")}`;
}

/** The same with one thing allowed less, for each of them, and what that is. */
export function oneLess(flags: readonly string[]): { readonly without: string; readonly flags: readonly string[] }[] {
	return flags.flatMap((flag, at) => {
		const [name, values = ""] = flag.split("=");
		const each = values.split(",");
		return each.map((value) => {
			const rest = each.filter((other) => other !== value);
			const kept = rest.length === 0 ? [] : [`${name}=${rest.join(",")}`];
			return { without: `${name}=${value}`, flags: [...flags.slice(0, at), ...kept, ...flags.slice(at + 1)] };
		});
	});
}
