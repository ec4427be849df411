import { Buffer } from "node:buffer";
import type { ScriptStatement, Statement, StopOptions } from "../../host/index.js";
import { type Command, textPositional, valueOption } from "../command.js";
import { type Database, withDatabase } from "../database.js";
import { ExitCode, UsageError } from "../exit-code.js";
import { type Format, formatNames, formatOf, type Value } from "../format/format.js";
import type { Output } from "../output.js";
import { accessOf, type Parameter, parameterOf, parametersFor } from "../script.js";

export const query: Command = {
	usage: "query <sql..>",
	summary: "Runs a script of SQL and prints its results",
	positionals: { sql: textPositional("The script, or - to read it from standard input") },
	options: {
		format: valueOption(`${formatNames.join(", ")}; table unless given`),
		param: {
			describe: "name=value for :name, @name or $name; may be repeated",
			type: "string",
			array: true,
			nargs: 1,
		},
		timeout: valueOption("Milliseconds that each statement may take; no limit unless given"),
	},
	async run(args, output) {
		const formatName = args.oneOf("format", formatNames, "table");
		const format = await formatOf(formatName);
		const parameters = new Map(args.list("param").map(parameter));
		const timeoutMs = args.wholeNumber("timeout", 1) ?? 0;
		const words = args.list("sql");
		const script = words.length === 1 && words[0] === "-" ? await readAll(process.stdin) : words.join(" ");
		const { statementsOf } = await import("../../host/index.js");
		const statements = statementsOf(script);
		if (statements.length === 0) throw new UsageError("There is no statement to run");
		return withDatabase(args, accessOf(statements.map(({ text }) => text)), async (db) => {
			for (const statement of statements) {
				const prepared = prepare(db, script, statement, { timeoutMs }).safeIntegers(formatName === "csv");
				await runStatement(prepared, statement.text, parameters, format, output).catch(explainParameters);
			}
			if (db.sql.inTransaction)
				process.stderr.write("note: the script ends without COMMIT, so its transaction is undone\n");
			return ExitCode.done;
		});
	},
};

/** Where a statement is wrong, its error has the line and the column of the script. */
function prepare(db: Database, script: string, { text, start }: ScriptStatement, options: StopOptions): Statement {
	try {
		return db.sql.prepare(text, options);
	} catch (error) {
		if (!(error instanceof Error) || !("line" in error)) throw error;
		return db.sql.prepare(script.slice(0, start).replace(/[^\n]/g, " ") + text, options);
	}
}

async function runStatement(
	statement: Statement,
	text: string,
	parameters: ReadonlyMap<string, Parameter>,
	format: Format,
	output: Output,
): Promise<void> {
	const values = parametersFor(text, parameters);
	if (!statement.reader) {
		statement.run(...values);
		return;
	}
	const columns = statement.columns().map((column) => column.name);
	const rows = statement.raw().iterate(...values) as Iterable<readonly Value[]>;
	for (const piece of format(columns, rows)) await output.write(output.display(piece));
}

function explainParameters(error: unknown): never {
	if (!(error instanceof Error) || !/^(?:missing named parameter|too few parameter)/.test(error.message)) throw error;
	throw new UsageError(`${error.message}. --param name=value gives :name its value`);
}

function parameter(text: string): [string, Parameter] {
	try {
		return parameterOf(text);
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of stream) chunks.push(chunk);
	return Buffer.concat(chunks).toString("utf8");
}
