/** What Tab offers at the prompt. */

import { readdirSync } from "node:fs";
import { formatNames } from "../choices.js";
import { visible } from "../output.js";
import { keyValueVerbs } from "./key-value.js";
import { keywords } from "./keywords.js";
import type { Names } from "./protocol.js";

/** As node:readline wants it: the candidates, and the text that each of them is to replace. */
export type Completion = [candidates: string[], replaced: string];

const word = /[\w$\u0080-\uffff]*$/;

/** `pending` are the lines before; `commands` the names of the shell's own. */
export function complete(pending: string, line: string, names: Names, commands: readonly string[]): Completion {
	if (pending === "") {
		const [, dot, name = "", rest] = /^\s*([.\\])(\w*)(?:\s+(.*))?$/.exec(line) ?? [];
		if (dot !== undefined) {
			if (rest === undefined)
				return fitting(
					commands.map((command) => dot + command),
					dot + name,
				);
			return argumentOf(name, rest, names, commands);
		}
		// Keys are not names. DELETE FROM is SQL's.
		if (/^\s*(?:put|get|del|scan)\s/.test(line)) return [[], ""];
	}
	return sql(pending + line, names);
}

function argumentOf(name: string, rest: string, names: Names, commands: readonly string[]): Completion {
	const last = /\S*$/.exec(rest)?.[0] ?? "";
	switch (name) {
		case "mode":
			return fitting(formatNames, last);
		case "timer":
		case "timing":
			return fitting(["on", "off"], last);
		case "read":
		case "i":
		case "output":
		case "o":
			return files(last);
		case "import":
			return /\s/.test(rest) ? fitting(tablesOf(names), last) : files(last);
		case "explain":
			return sql(rest, names);
		case "help":
			return fitting(commands, last);
		default:
			return fitting(tablesOf(names), last);
	}
}

function sql(text: string, names: Names): Completion {
	// Nothing within a text that is not closed.
	if ((text.match(/'/g)?.length ?? 0) % 2 === 1) return [[], ""];
	const last = word.exec(text)?.[0] ?? "";
	const before = text.slice(0, text.length - last.length);
	const [, qualifier] = /([\w$\u0080-\uffff]+)\.$/.exec(before) ?? [];
	if (qualifier !== undefined) return fitting(columnsOf(tableNamed(qualifier, text, names), names), last);
	if (/\b(?:from|join|into|update|table|analyze|on)\s+$/i.test(before)) {
		const tables = fitting(tablesOf(names), last);
		if (tables[0].length > 0) return tables;
	}
	const mentioned = names.tables.filter(({ name }) => new RegExp(`\\b${escaped(name)}\\b`, "i").test(text));
	const columns = (mentioned.length === 0 ? names.tables : mentioned).flatMap((table) => table.columns.map(identifier));
	if (last === "") return fitting(columns, "");
	const isLower = last === last.toLowerCase();
	const verbs = before.trim() === "" ? keyValueVerbs : [];
	const words = isLower ? keywords.map((keyword) => keyword.toLowerCase()) : keywords;
	const functions = names.functions.filter((name) => /^\w+$/.test(name)).map((name) => `${name}(`);
	return fitting([...columns, ...tablesOf(names), ...verbs, ...words, ...functions], last);
}

/** A table by its name or by what it is called in the statement. */
function tableNamed(name: string, text: string, { tables }: Names): string {
	if (tables.some((table) => same(table.name, name))) return name;
	const alias = new RegExp(`([\\w$\\u0080-\\uffff]+)\\s+(?:as\\s+)?${escaped(name)}\\b`, "gi");
	for (const [, table = ""] of text.matchAll(alias)) if (tables.some((known) => same(known.name, table))) return table;
	return name;
}

function columnsOf(table: string, { tables }: Names): string[] {
	return tables.filter(({ name }) => same(name, table)).flatMap(({ columns }) => columns.map(identifier));
}

function tablesOf({ tables }: Names): string[] {
	return tables.map(({ name }) => identifier(name));
}

/** Files that a path may go on to. Windows has two separators. */
export function files(begin: string, platform: NodeJS.Platform = process.platform): Completion {
	const end = Math.max(begin.lastIndexOf("/"), platform === "win32" ? begin.lastIndexOf("\\") : -1) + 1;
	const [prefix, name] = [begin.slice(0, end), begin.slice(end)];
	try {
		const entries = readdirSync(prefix || ".", { withFileTypes: true });
		const shown = entries.filter((entry) => name.startsWith(".") || !entry.name.startsWith("."));
		return fitting(
			shown.map((entry) => prefix + entry.name + (entry.isDirectory() ? "/" : "")),
			begin,
		);
	} catch {
		return [[], begin];
	}
}

function fitting(candidates: readonly string[], begin: string): Completion {
	const folded = begin.toLowerCase();
	// A name that needs quotes is found without them.
	const fits = (candidate: string) => candidate.toLowerCase().replace(/^"/, "").startsWith(folded);
	return [unique(candidates.filter((candidate) => fits(candidate) && canBeShown(candidate))), begin];
}

/** On a line of a terminal, which control characters would do something to. */
function canBeShown(text: string): boolean {
	return visible(text) === text && !/[\t\n]/.test(text);
}

function unique(words: readonly string[]): string[] {
	return [...new Set(words)];
}

function same(a: string, b: string): boolean {
	return a.toLowerCase() === b.toLowerCase();
}

function identifier(name: string): string {
	return /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
