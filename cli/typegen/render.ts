/** What is generated, as text: the same for the same schema and queries, whatever their order. */

import type { StatementDescription } from "../../host/index.js";
import {
	declaredFunction,
	functionTypes,
	javascriptFunction,
	kindOf,
	PREPARE,
	type QueryFunction,
	SOURCE_TYPE,
	typescriptFunction,
} from "./functions.js";
import { kyselyInterface } from "./kysely.js";
import type { TableSchema } from "./schema.js";
import { keyText, objectType, parametersType, quoted, rowMembers, rowType } from "./types.js";

/** With it a generated file begins, and is known by it. */
export const HEADER = "// Written by wlsm typegen: changes are lost.";

export interface Generated {
	readonly tables: readonly TableSchema[];
	/** Tables that the program declares itself. */
	readonly declaredTables: ReadonlySet<string>;
	/** By the text of the literal. */
	readonly queries: ReadonlyMap<string, StatementDescription>;
	readonly functions: readonly QueryFunction[];
	readonly usesKysely: boolean;
}

/** A declaration file, or a module that has the functions of files of queries in it, too. */
export function typescriptText(generated: Generated, kind: "declarations" | "module"): string {
	const { usesKysely, tables } = generated;
	const functions = inOrder(generated.functions);
	const kysely = usesKysely ? kyselyInterface(tables) : undefined;
	const parts = [moduleText(generated), ...(kysely === undefined ? [] : [kysely.text])];
	if (functions.length > 0) {
		parts.push(SOURCE_TYPE);
		for (const one of functions) {
			const types = functionTypes(one);
			if (types !== "") parts.push(types);
			parts.push(kind === "module" ? typescriptFunction(one) : declaredFunction(one));
		}
		if (kind === "module") parts.push(PREPARE.typescript);
	}
	const body = parts.join("\n");
	return `${HEADER}\n/* eslint-disable */\n\n${importsFor(generated, kysely?.imports ?? [], kind)}\n${body}`;
}

/** The functions that a declaration file declares. */
export function javascriptText({ functions }: Generated): string {
	const parts =
		functions.length === 0 ? ["export {};\n"] : [...inOrder(functions).map(javascriptFunction), PREPARE.javascript];
	return `${HEADER}\n/* eslint-disable */\n\n${parts.join("\n")}`;
}

function inOrder(functions: readonly QueryFunction[]): QueryFunction[] {
	return [...functions].sort((a, b) => (a.query.name < b.query.name ? -1 : 1));
}

function importsFor(generated: Generated, kysely: readonly string[], kind: "declarations" | "module"): string {
	const { functions } = generated;
	const own =
		functions.length === 0
			? []
			: [
					...(functions.some((one) => kindOf(one) === "run") ? ["RunResult"] : []),
					"SqlDatabase",
					...(kind === "module" ? ["Statement"] : []),
				];
	const lines = [
		...(hasBlobs(generated) ? [importLine(["Buffer"], "node:buffer")] : []),
		...(kysely.length > 0 ? [importLine(kysely, "kysely")] : []),
		// Also where nothing of it is named: what no file of a program imports cannot be added to.
		importLine(own, "wlsm"),
	];
	return lines.join("");
}

function importLine(names: readonly string[], module: string): string {
	return `import type ${names.length === 0 ? "{}" : `{ ${names.join(", ")} }`} from "${module}";\n`;
}

/** Something that comes out of the database is a Buffer. */
function hasBlobs({ tables, queries, functions, usesKysely, declaredTables }: Generated): boolean {
	const shown = usesKysely ? tables : tables.filter(({ name }) => !declaredTables.has(name));
	const rows = [...shown, ...queries.values(), ...functions.map(({ description }) => description)];
	return rows.some(({ columns }) => columns.some(({ types }) => types.includes("blob")));
}

/** What is added to the library's interfaces. */
function moduleText({ tables, declaredTables, queries }: Generated): string {
	const own = tables.filter(({ name }) => !declaredTables.has(name));
	const tableLines = own.map(({ name, columns }) => {
		const members = columns.map((column) => ({ name: column.name, type: rowType(column) }));
		return `\t\t${keyText(name)}: ${objectType(members, "\t\t")};\n`;
	});
	const texts = [...queries.keys()].sort();
	const queryLines = texts.map((text) => queryText(text, queries.get(text) as StatementDescription)); // one of its keys
	const parts = [
		tableLines.length > 0 ? `\tinterface DeclaredTables {\n${tableLines.join("")}\t}\n` : "",
		queryLines.length > 0 ? `\tinterface DeclaredQueries {\n${queryLines.join("")}\t}\n` : "",
	].filter((part) => part !== "");
	return parts.length === 0 ? 'declare module "wlsm" {}\n' : `declare module "wlsm" {\n${parts.join("\n")}}\n`;
}

function queryText(text: string, { columns, parameters, reader }: StatementDescription): string {
	const given = parametersType(parameters);
	const givenText = typeof given === "string" ? given : objectType(given, "\t\t\t");
	const row = reader ? objectType(rowMembers(columns), "\t\t\t") : "never";
	return `\t\t${quoted(text)}: {\n\t\t\tparameters: ${givenText};\n\t\t\trow: ${row};\n\t\t};\n`;
}
