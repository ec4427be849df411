/*
 * What inline queries cost the compiler, and so the editor: a file of distinct ones, beside the same file with mere texts.
 *
 *   node dist/bench/types.js [--queries 200] [--rounds 5] [--compilers FOLDER,FOLDER] [--json FILE] [--smoke]
 *
 * Compilers are folders of packages like typescript, by default the one that the project is built with; others may be anywhere:
 * `npm i --prefix DIR typescript59@npm:typescript@5.9` makes DIR/node_modules/typescript59. A program with errors
 * fails the benchmark, so that figures are of queries that were understood.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { benchFlags } from "./flags.js";
import { duration, publish, type ReportTable } from "./report.js";
import { check, median } from "./support.js";
import { type CompilerRun, ownCompiler, runCompiler } from "./types/compiler.js";
import { queriesProgram } from "./types/queries.js";

const flags = benchFlags({ queries: 200, rounds: 5 }, { queries: 8, rounds: 1 }, { compilers: ownCompiler });

/** The medians of runs in turns. */
function measured(compiler: string): { readonly texts: CompilerRun; readonly queries: CompilerRun } {
	const texts: CompilerRun[] = [];
	const queries: CompilerRun[] = [];
	for (let round = 0; round < flags.rounds; round++) {
		texts.push(runCompiler(compiler, "texts", queriesProgram(flags.queries, "as texts")));
		queries.push(runCompiler(compiler, "queries", queriesProgram(flags.queries, "as queries")));
	}
	const medianOf = (runs: readonly CompilerRun[]): CompilerRun => {
		const of = (figure: keyof CompilerRun) => median(runs.map((run) => run[figure]));
		return {
			seconds: of("seconds"),
			checkSeconds: of("checkSeconds"),
			instantiations: of("instantiations"),
			types: of("types"),
		};
	};
	return { texts: medianOf(texts), queries: medianOf(queries) };
}

function table(): ReportTable {
	const compilers = flags.compilers.split(",").map((folder) => {
		const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
		return { name: `TypeScript ${version}`, ...measured(folder) };
	});
	for (const { queries, texts } of compilers) check(queries.instantiations > texts.instantiations, "queries are read");
	const difference = (figure: keyof CompilerRun) =>
		compilers.map(({ queries, texts }) => queries[figure] - texts[figure]);
	const count = (figure: number) => Math.round(figure).toLocaleString("en");
	return {
		title: `What ${flags.queries} distinct inline queries cost the compiler`,
		head: ["", ...compilers.map(({ name }) => name)],
		rows: [
			["the file with texts alone", ...compilers.map(({ texts }) => duration(texts.seconds))],
			["with queries", ...compilers.map(({ queries }) => duration(queries.seconds))],
			["more, whole process (<= 2 s)", ...difference("seconds").map(duration)],
			["more, checking alone", ...difference("checkSeconds").map(duration)],
			["more, per query", ...difference("seconds").map((seconds) => duration(seconds / flags.queries))],
			["instantiations", ...difference("instantiations").map(count)],
			["types", ...difference("types").map(count)],
		],
		notes: [`Medians of ${flags.rounds} rounds. Queries have 10 to 100 tokens: joins, groups, subqueries, writes.`],
	};
}

publish([table()], flags.json);
