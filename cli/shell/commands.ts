/** The commands of the shell itself: `.name` or `\name`. */

import type { Database, StopOptions } from "../../host/index.js";
import { type FormatName, formatNames } from "../choices.js";
import { UsageError } from "../exit-code.js";
import type { Value } from "../format/format.js";
import { columnsOf, tableNames } from "../names.js";
import { nearest } from "../nearest.js";
import { keyValueHelp } from "./key-value.js";
import type { Sink } from "./sink.js";
import { wordsOf } from "./words.js";

/** What a command has of the session. */
export interface CommandContext {
	readonly sink: Sink;
	/** Of work that lets the thread wait, and of statements. */
	readonly signal: AbortSignal;
	readonly stop: StopOptions;
	format: FormatName;
	timer: boolean;
	database(): Promise<Database>;
	rows(columns: readonly string[], rows: Iterable<readonly Value[]>): Promise<void>;
	read(path: string): Promise<"quit" | "done">;
}

interface ShellCommand {
	/** The first one is shown; others are what people know from elsewhere. */
	readonly names: readonly string[];
	readonly usage: string;
	readonly does: string;
	/** `rest` is the line behind the name, for what is no list of words. */
	run(words: readonly string[], context: CommandContext, rest: string): Promise<"quit" | undefined>;
}

const likeOf = (words: readonly string[]) => (words[0] ?? "%").replaceAll("*", "%");

export const shellCommands: readonly ShellCommand[] = [
	{
		names: ["tables", "dt"],
		usage: ".tables [PATTERN]",
		does: "Lists tables and views",
		run: (words, context) =>
			select(
				context,
				`SELECT name, CASE WHEN name = 'kv' THEN 'key-value data' ELSE type END AS type, ncol AS columns FROM pragma_table_list
				WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name LIKE ? ORDER BY name`,
				[likeOf(words)],
			),
	},
	{
		names: ["schema", "d"],
		usage: ".schema [TABLE]",
		does: "Prints the CREATE statements, of a table or of all",
		async run([name], context) {
			const { sink } = context;
			const db = await context.database();
			if (name !== undefined) known(db, name);
			const texts = db.sql
				.prepare(
					"SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND (?1 IS NULL OR tbl_name = ?1 COLLATE NOCASE) ORDER BY rowid",
				)
				.pluck()
				.all(name ?? null) as string[];
			for (const text of texts) await sink.write(`${sink.look.display(text)};\n`);
			return undefined;
		},
	},
	{
		names: ["indexes", "indices", "di"],
		usage: ".indexes [TABLE]",
		does: "Lists indexes with their columns",
		async run([name], context) {
			if (name !== undefined) known(await context.database(), name);
			return select(
				context,
				`SELECT t.name AS "table", i.name AS "index", i."unique" AS "unique",
					(SELECT group_concat(coalesce(c.name, '(expression)'), ', ') FROM pragma_index_info(i.name) c) AS columns
				FROM sqlite_schema t, pragma_index_list(t.name) i
				WHERE t.type = 'table' AND (?1 IS NULL OR t.name = ?1 COLLATE NOCASE) ORDER BY 1, 2`,
				[name ?? null],
			);
		},
	},
	{
		names: ["mode"],
		usage: ".mode [FORMAT]",
		does: `How results look: ${formatNames.join(", ")}`,
		async run([name], context) {
			if (name === undefined) return tell(context, context.format);
			const found = formatNames.find((candidate) => candidate === name.toLowerCase());
			if (found === undefined) {
				const near = nearest(name, formatNames);
				const hint = near === undefined ? `modes are ${formatNames.join(", ")}` : `did you mean ${near}?`;
				throw new UsageError(`There is no mode ${JSON.stringify(name)}; ${hint}`);
			}
			context.format = found;
			return undefined;
		},
	},
	{
		names: ["x"],
		usage: ".x",
		does: "A line for each value, and back to tables",
		async run(_words, context) {
			context.format = context.format === "line" ? "table" : "line";
			return tell(context, context.format);
		},
	},
	{
		names: ["timer", "timing"],
		usage: ".timer [on|off]",
		does: "Says how long each statement took",
		async run([word], context) {
			if (word !== undefined && word !== "on" && word !== "off") throw new UsageError("Use: .timer [on|off]");
			context.timer = word === undefined ? !context.timer : word === "on";
			return tell(context, `timer ${context.timer ? "on" : "off"}`);
		},
	},
	{
		names: ["read", "i"],
		usage: ".read FILE",
		does: "Runs the lines of a file",
		async run(words, context) {
			const outcome = await context.read(only(words, ".read FILE"));
			return outcome === "quit" ? "quit" : undefined;
		},
	},
	{
		names: ["output", "o"],
		usage: ".output [FILE]",
		does: "Results go to a file from now on; without one to the screen again",
		async run([path], { sink }) {
			sink.redirect(path === "stdout" ? undefined : path);
			return undefined;
		},
	},
	{
		names: ["stats"],
		usage: ".stats",
		does: "Prints figures about the database",
		async run(_words, context) {
			const { statsText } = await import("../stats-text.js");
			const db = await context.database();
			await context.sink.write(statsText(await db.stats(), context.sink.look));
			return undefined;
		},
	},
	{
		names: ["explain"],
		usage: ".explain [analyze] SQL",
		does: "How a statement would be run; with analyze it is run",
		async run(_words, context, rest) {
			const { explainText } = await import("../explain-text.js");
			const [, analyze, sql = ""] = /^(analyze\s+)?([\s\S]*)$/i.exec(rest) ?? [];
			if (sql.trim() === "") throw new UsageError("Use: .explain [analyze] SQL");
			const db = await context.database();
			const { sink } = context;
			await sink.write(
				explainText(db, sql, analyze === undefined ? "plan" : "analyze", undefined, sink.look, context.stop),
			);
			return undefined;
		},
	},
	{
		names: ["analyze"],
		usage: ".analyze [TABLE]",
		does: "Gathers statistics for the planner, and shows them",
		async run([name], context) {
			const { gatherStatistics } = await import("../statistics.js");
			const { columns, rows } = gatherStatistics(await context.database(), name, context.stop);
			await context.rows(columns, rows);
			return undefined;
		},
	},
	{
		names: ["import"],
		usage: ".import FILE TABLE",
		does: "Loads CSV or JSON Lines into a table, which is made where there is none",
		async run([file, table, ...more], context) {
			if (file === undefined || table === undefined || more.length > 0) throw new UsageError("Use: .import FILE TABLE");
			const { importFile } = await import("./import.js");
			await importFile(file, table, context);
			return undefined;
		},
	},
	{
		names: ["dump"],
		usage: ".dump [TABLE…]",
		does: "Prints the database, or tables, as SQL",
		async run(words, context) {
			const { dump } = await import("../dump.js");
			const { sink } = context;
			for (const piece of dump(await context.database(), words)) await sink.write(sink.look.display(piece));
			return undefined;
		},
	},
	{
		names: ["help", "?"],
		usage: ".help [COMMAND]",
		does: "This list, or what one of them does",
		async run([name], { sink }) {
			if (name !== undefined) {
				const { usage, does } = commandNamed(name.replace(/^[.\\]/, ""));
				await sink.tell(`${usage}  ${does}\n`);
				return undefined;
			}
			const width = Math.max(...shellCommands.map(({ usage }) => usage.length));
			const isNarrow = (sink.look.width ?? Infinity) < 80;
			const lines = shellCommands.map(({ usage, does }) =>
				isNarrow ? `${usage}\n    ${does}` : `${usage.padEnd(width)}  ${does}`,
			);
			const also = [
				"",
				"SQL ends with ; and may go over several lines. Keys and values:",
				...keyValueHelp.map((use) => `  ${use}`),
			];
			const keys = [
				"",
				"Tab completes, Ctrl-C stops a statement, Ctrl-D leaves. Commands may begin with \\ instead of the dot.",
			];
			await sink.tell([...lines, ...also, ...keys, ""].join("\n"));
			return undefined;
		},
	},
	{
		names: ["quit", "exit", "q"],
		usage: ".quit",
		does: "Leaves the shell",
		run: async () => "quit",
	},
];

export async function runCommand(
	{ name, rest }: { readonly name: string; readonly rest: string },
	context: CommandContext,
): Promise<"quit" | "done"> {
	const command = commandNamed(name.replace(/;$/, ""));
	// Of SQL behind a name the quotes are its own.
	const words = command.names.includes("explain") ? [] : wordsOf(rest.replace(/;$/, ""));
	const most = command.usage.endsWith("…]") ? Infinity : command.usage.split(" ").length - 1;
	if (words.length > most)
		throw new UsageError(`Use: ${command.usage}${most > 0 ? "; what has blanks goes in quotes" : ""}`);
	return (await command.run(words, context, rest)) ?? "done";
}

function commandNamed(name: string): ShellCommand {
	const wanted = name.toLowerCase();
	const found = shellCommands.find(({ names }) => names.includes(wanted));
	if (found !== undefined) return found;
	const near = nearest(
		wanted,
		shellCommands.flatMap(({ names }) => names),
	);
	const hint = near === undefined ? ".help lists them" : `did you mean .${near}?`;
	throw new UsageError(`There is no command .${name}; ${hint}`);
}

async function select(context: CommandContext, sql: string, parameters: readonly unknown[]): Promise<undefined> {
	const statement = (await context.database()).sql.prepare(sql).safeIntegers(context.format === "csv");
	const columns = statement.columns().map(({ name }) => name);
	await context.rows(columns, statement.raw().all(...parameters) as Iterable<readonly Value[]>);
	return undefined;
}

async function tell({ sink }: CommandContext, text: string): Promise<undefined> {
	await sink.tell(`${text}\n`);
	return undefined;
}

function only([word, ...more]: readonly string[], usage: string): string {
	if (word === undefined || more.length > 0) throw new UsageError(`Use: ${usage}`);
	return word;
}

/** There is such a table. */
function known(db: Database, name: string): void {
	if (columnsOf(db, name).length > 0) return;
	const near = nearest(name, tableNames(db));
	throw new UsageError(
		`There is no table ${JSON.stringify(name)}${near === undefined ? "" : `; did you mean ${near}?`}`,
	);
}
