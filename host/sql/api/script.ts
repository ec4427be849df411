import { statementText } from "../parse/source.js";
import { splitStatements } from "../parse/split.js";

/**
 * The statements of a script as texts to prepare one after the other. Each begins with as much white space as stands
 * before it in the script, so that an error's line and column are the script's.
 */
export function splitSql(script: string): string[] {
	return splitStatements(script).map(
		(source) => script.slice(0, source.start).replace(/[^\n]/g, " ") + statementText(source),
	);
}

/** A statement of a script, and where in it. */
export interface ScriptStatement {
	/** The statement alone. */
	readonly text: string;
	/** Where in the script it begins, in UTF-16 code units. */
	readonly start: number;
}

/** As `splitSql`, without what stands before: of a script of many statements that is more than memory holds. */
export function statementsOf(script: string): ScriptStatement[] {
	return splitStatements(script).map((source) => ({ text: statementText(source), start: source.start }));
}
