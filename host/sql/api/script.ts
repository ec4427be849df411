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
