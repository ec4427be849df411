/** Asks the library what a query is, and places its answer where it is no. */

import type { SqlDatabase, StatementDescription } from "../../host/index.js";
import type { FoundQuery } from "./find.js";
import type { PlacedText } from "./literal.js";
import type { PlacedFile, Problem } from "./problem.js";
import type { FileQuery } from "./sql-file.js";

export type Answer =
	| { readonly kind: "described"; readonly description: StatementDescription }
	| { readonly kind: "wrong"; readonly problem: Problem }
	/** A template with a substitution that is no value. */
	| { readonly kind: "unknown" };

/** A query in a source. */
export function describeFound(sql: SqlDatabase, query: FoundQuery, file: PlacedFile): Answer {
	const answer = describe(sql, query, file);
	if (answer.kind === "described" && query.to !== "prepare" && isMixed(answer.description))
		return { kind: "wrong", problem: { file, offset: query.places[0] ?? 0, message: MIXED } };
	if (answer.kind !== "wrong") return answer;
	// A place where no value may stand has a fragment, of which nothing is known here.
	const isAtFragment = query.substitutions.some((at) => answer.problem.offset === query.places[at]);
	return isAtFragment && /^near "\?": syntax error/.test(answer.problem.message) ? { kind: "unknown" } : answer;
}

/** A query of a file of queries. */
export function describeNamed(sql: SqlDatabase, query: FileQuery, file: PlacedFile): Answer {
	const answer = describe(sql, query, file);
	if (answer.kind !== "described") return answer;
	const { reader, kind } = answer.description;
	const wrong = (message: string): Answer => ({ kind: "wrong", problem: { file, offset: query.at, message } });
	if (!reader && (query.kind === "one" || query.kind === "many"))
		return wrong(`${query.name} returns no rows: say :run in the place of :${query.kind}`);
	if (reader && query.kind === "run" && kind === "select")
		return wrong(`${query.name} returns rows: say :one or :many in the place of :run`);
	return isMixed(answer.description) ? wrong(MIXED) : answer;
}

const MIXED = "some of the parameters have names, and others do not: values are given by name or in order, not both";

function isMixed({ parameters }: StatementDescription): boolean {
	return parameters.some(({ name }) => name === null) && parameters.some(({ name }) => name !== null);
}

function describe(sql: SqlDatabase, query: PlacedText, file: PlacedFile): Answer {
	try {
		return { kind: "described", description: sql.describe(query.text) };
	} catch (error) {
		if (
			!(
				error instanceof Error &&
				"code" in error &&
				/^WLSM_(SQL|INVALID_ARGUMENT|UNSUPPORTED)$/.test(String(error.code))
			)
		)
			throw error;
		return { kind: "wrong", problem: placed(error as SqlError, query, file) };
	}
}

type SqlError = Error & { readonly line?: number; readonly column?: number };

function placed(error: SqlError, { text, places }: PlacedText, file: PlacedFile): Problem {
	const { line, column } = error;
	const [said = "", shown = ""] = error.message.split("\n");
	const message = said.replace(/ \(line \d+, column \d+\)$/, "");
	const start = places[0] ?? 0;
	if (line === undefined || column === undefined) return { file, offset: start, message };
	const lines = text.split("\n");
	// The text of a view is a text of its own.
	if (!(lines[line - 1] ?? "").includes(shown.trimEnd()))
		return { file, offset: start, message: `${message} (in the schema)` };
	const index = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
	return { file, offset: places[index] ?? places.at(-1) ?? start, message };
}
