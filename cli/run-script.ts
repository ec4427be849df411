/** Runs the statements of a script one after the other, for the command line and the shell. */

import type { Database, ScriptStatement, Statement, StopOptions } from "../host/index.js";
import { UsageError } from "./exit-code.js";
import type { Value } from "./format/format.js";
import { type Parameter, parametersFor } from "./script.js";

/** By their names; undefined in the shell, where there is no way to give them. */
export type Parameters = ReadonlyMap<string, Parameter> | undefined;

export interface ScriptRun {
	readonly parameters: Parameters;
	readonly stop: StopOptions;
	/** INTEGERs as bigints, so that REALs can be told from them. */
	readonly exactNumbers: boolean;
	/** Of a statement that yields rows; they come as they are asked for. */
	onRows(columns: readonly string[], rows: Iterable<readonly Value[]>): Promise<void>;
	/** Of any other. */
	onChange?(changes: number): Promise<void>;
}

export async function runScript(
	db: Database,
	script: string,
	statements: readonly ScriptStatement[],
	run: ScriptRun,
): Promise<void> {
	for (const statement of statements) {
		try {
			const prepared = prepare(db, script, statement, run.stop).safeIntegers(run.exactNumbers);
			await runStatement(prepared, statement.text, run);
		} catch (error) {
			throw explained(error, run.parameters);
		}
	}
}

/** Where a statement is wrong, its error has the line and the column of the script. */
export function prepare(
	db: Database,
	script: string,
	{ text, start }: ScriptStatement,
	options: StopOptions,
): Statement {
	try {
		return db.sql.prepare(text, options);
	} catch (error) {
		if (!(error instanceof Error) || !("line" in error)) throw error;
		return db.sql.prepare(script.slice(0, start).replace(/[^\n]/g, " ") + text, options);
	}
}

async function runStatement(statement: Statement, text: string, run: ScriptRun): Promise<void> {
	const values = parametersFor(text, run.parameters ?? new Map());
	if (!statement.reader) {
		const { changes } = statement.run(...values);
		await run.onChange?.(changes);
		return;
	}
	const columns = statement.columns().map((column) => column.name);
	await run.onRows(columns, statement.raw().iterate(...values) as Iterable<readonly Value[]>);
}

export function explained(error: unknown, parameters: Parameters): unknown {
	if (!(error instanceof Error)) return error;
	const [, file] = /^no such table: (\S+\.(?:csv|tsv|txt))(?= |$)/i.exec(error.message) ?? [];
	if (file !== undefined) error.message += `\nTo read the file: FROM read_csv('${file}')`;
	if (/^(?:missing named parameter|too few parameter)/.test(error.message)) {
		const advice =
			parameters === undefined
				? "The shell has no values for parameters: write them into the statement"
				: "--param name=value gives :name its value";
		return new UsageError(`${error.message}. ${advice}`);
	}
	return error;
}
