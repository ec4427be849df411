/** Files of queries as functions of TypeScript and JavaScript. */

import type { StatementDescription } from "../../host/index.js";
import type { FileQuery, ResultKind } from "./sql-file.js";
import { objectType, parametersType, quoted, rowMembers } from "./types.js";

export interface QueryFunction {
	readonly query: FileQuery;
	readonly description: StatementDescription;
}

/** The names that stand in a module for a query: of the function, of the types of its parameters and rows, of its text. */
export function namesOf({ name }: { readonly name: string }): readonly [string, string, string, string] {
	const type = name.slice(0, 1).toUpperCase() + name.slice(1);
	return [name, `${type}Parameters`, `${type}Row`, `${name}Text`];
}

/** Beyond it, lines are broken as formatters break them. */
const MAX_COLUMNS = 120;

export function kindOf({ query, description }: QueryFunction): ResultKind {
	return query.kind ?? (description.reader ? "many" : "run");
}

/** What a function of the file is given first. */
export const SOURCE_TYPE = `/** A database, or its \`sql\`. */
export type SqlSource = SqlDatabase | { readonly sql: SqlDatabase };
`;

export const PREPARE = {
	typescript: `function prepared(db: SqlSource, text: string): Statement {
	return ("sql" in db ? db.sql : db).prepare(text);
}
`,
	javascript: `function prepared(db, text) {
	return ("sql" in db ? db.sql : db).prepare(text);
}
`,
} as const;

/** The types of a function's parameters and rows. */
export function functionTypes(one: QueryFunction): string {
	const [, parametersName, rowName] = namesOf(one.query);
	const { description } = one;
	const parameters = parametersType(description.parameters);
	const parts: string[] = [];
	if (typeof parameters === "string") parts.push(`export type ${parametersName} = ${parameters};\n`);
	else if (parameters.length > 0) parts.push(`export interface ${parametersName} ${objectType(parameters, "")}\n`);
	if (description.reader)
		parts.push(`export interface ${rowName} ${objectType(rowMembers(description.columns), "")}\n`);
	return parts.join("\n");
}

function resultType(one: QueryFunction): string {
	const [, , rowName] = namesOf(one.query);
	return { one: `${rowName} | undefined`, many: `${rowName}[]`, run: "RunResult" }[kindOf(one)];
}

/** From its documentation to its result, with `end` behind it. */
function signature(one: QueryFunction, words: string, end: string): string {
	const [name, parametersName] = namesOf(one.query);
	const given = ["db: SqlSource"];
	if (one.description.parameters.length > 0) given.push(`parameters: ${parametersName}`);
	const head = `${words} ${name}`;
	const line = `${head}(${given.join(", ")}): ${resultType(one)}${end}`;
	const broken = `${head}(\n${given.map((each) => `\t${each},\n`).join("")}): ${resultType(one)}${end}`;
	return documentation(one) + (line.search(/\n|$/) > MAX_COLUMNS ? broken : line);
}

function documentation({ query }: QueryFunction): string {
	const [only, ...more] = query.documentation;
	if (only === undefined) return "";
	if (more.length === 0) return `/** ${only} */\n`;
	return `/**\n${query.documentation.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}

/** The statement, and what the function does with it, without types. */
function text({ query, description }: QueryFunction): string {
	const [, , , textName] = namesOf(query);
	const line = `const ${textName} = ${quoted(description.text)};`;
	return line.length > MAX_COLUMNS ? line.replace(" = ", " =\n\t") : line;
}

function call(one: QueryFunction): string {
	const [, , , textName] = namesOf(one.query);
	const method = { one: "get", many: "all", run: "run" }[kindOf(one)];
	const { parameters } = one.description;
	const given = parameters.length === 0 ? "" : parameters[0]?.name === null ? "...parameters" : "parameters";
	return `prepared(db, ${textName}).${method}(${given})`;
}

export function declaredFunction(one: QueryFunction): string {
	return `${signature(one, "export declare function", ";")}\n`;
}

export function typescriptFunction(one: QueryFunction): string {
	const cast = kindOf(one) === "run" ? "" : ` as ${resultType(one)}`;
	const body = `{\n\treturn ${call(one)}${cast};\n}`;
	return `${text(one)}\n\n${signature(one, "export function", ` ${body}`)}\n`;
}

export function javascriptFunction(one: QueryFunction): string {
	const given = one.description.parameters.length === 0 ? "db" : "db, parameters";
	const head = `${documentation(one)}export function ${one.query.name}(${given})`;
	return `${text(one)}\n\n${head} {\n\treturn ${call(one)};\n}\n`;
}
