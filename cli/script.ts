import { Buffer } from "node:buffer";
import type { Access } from "./database.js";
import { UsageError } from "./exit-code.js";

/** A value given with --param. What is written as a number is bound as one; everything else is text. */
export type Parameter = string | number | bigint;

const comments = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;

/** What a script needs of the database: reading leaves it to others meanwhile, and only CREATE makes one where there is none. */
export function accessOf(statements: readonly string[]): Access {
	const needs = statements.map(needOf);
	return needs.includes("create") ? "create" : needs.includes("change") ? "change" : "read";
}

function needOf(statement: string): Access {
	const text = statement.replace(comments, "");
	const word = /^[a-z]*/i.exec(text)?.[0].toLowerCase() ?? "";
	if (word === "create") return "create";
	// As put does.
	if (/^(?:insert(?:\s+or\s+\w+)?|replace)\s+into\s+(?:kv\b|"kv")/i.test(text)) return "create";
	if (["select", "values", "explain"].includes(word)) return "read";
	// A word of these in a text or a name makes the lock be taken for nothing, no more.
	if (word === "with") return /\b(?:insert|update|delete|replace)\b/i.test(text) ? "change" : "read";
	// Most take the name of a table in brackets, these a value.
	if (word === "pragma") return /=|\b(?:user_version|application_id)\s*\(/i.test(text) ? "change" : "read";
	return "change";
}

/** Those of a command line. */
export function parametersOf(texts: readonly string[]): ReadonlyMap<string, Parameter> {
	try {
		return new Map(texts.map(parameterOf));
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

/** `name=value`; the name may have the prefix that it has in the statement. */
export function parameterOf(text: string): [name: string, value: Parameter] {
	const equals = text.indexOf("=");
	const name = text.slice(0, equals).replace(/^[:@$]/, "");
	if (equals === -1 || name === "") throw new SyntaxError(`--param wants name=value, not ${JSON.stringify(text)}`);
	return [name, numberOrText(text.slice(equals + 1))];
}

function numberOrText(text: string): Parameter {
	if (/^(?:0|-?[1-9][0-9]{0,18})$/.test(text)) {
		// A JavaScript number would be bound as REAL, and 5 / 2 be 2.5.
		const value = BigInt(text);
		return BigInt.asIntN(64, value) === value ? value : text;
	}
	return /^-?(?:0|[1-9][0-9]*)\.[0-9]+$/.test(text) ? Number(text) : text;
}

/** The parameters that the statement mentions: a script's statements need not all use the same ones. */
export function parametersFor(
	statement: string,
	all: ReadonlyMap<string, Parameter>,
): [] | [Readonly<Record<string, Parameter>>] {
	const mentions = (name: string) => new RegExp(`[:@$]${name}(?![\\w$])|\\{${name}\\}`).test(statement);
	const used = [...all].filter(([name]) => mentions(escapePattern(name)));
	return used.length === 0 ? [] : [Object.fromEntries(used)];
}

function escapePattern(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The text that the words of a command line make, or that of standard input for a single "-". */
export async function scriptOf(words: readonly string[]): Promise<string> {
	if (words.length !== 1 || words[0] !== "-") return words.join(" ");
	const chunks: Uint8Array[] = [];
	for await (const chunk of process.stdin) chunks.push(chunk);
	return Buffer.concat(chunks).toString("utf8");
}
