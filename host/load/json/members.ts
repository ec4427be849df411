import { classify, Seen } from "../../csv/column-type.js";
import { show } from "../../csv/failure.js";

/** One member of an object. */
export interface Member {
	readonly key: string;
	/** Of a string its characters, of anything else what stands in the line. Null and its like have a kind of their own: `nothing`. */
	readonly text: string;
	/** A bit of `Seen`. */
	readonly kind: number;
}

/** What is wrong with a line. */
export class BadLine extends Error {}

const SURROGATE = /\p{Surrogate}/u;

/**
 * The members of an object in their order. JSON.parse makes doubles of numbers, which would lose digits, and of two equal keys keeps
 * one: it is only asked whether the line is sound.
 */
export function membersOf(line: string): Member[] {
	checkSound(line);
	const members: Member[] = [];
	let at = skipSpace(line, skipSpace(line, 0) + 1);
	while (line[at] !== "}") {
		const keyEnd = endOfString(line, at);
		const key = stringOf(line.slice(at, keyEnd));
		const start = skipSpace(line, skipSpace(line, keyEnd) + 1);
		const end = endOfValue(line, start);
		members.push(memberOf(key, line.slice(start, end)));
		at = skipSpace(line, end);
		if (line[at] === ",") at = skipSpace(line, at + 1);
	}
	return members;
}

function checkSound(line: string): void {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (error) {
		throw new BadLine(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
	}
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
	throw new BadLine("not an object: each line is to be one, with keys for the columns");
}

function memberOf(key: string, text: string): Member {
	switch (text[0]) {
		case '"':
			return { key, text: stringOf(text), kind: Seen.text };
		case "{":
		case "[":
			return { key, text, kind: Seen.text };
		case "n":
			return { key, text: "", kind: Seen.nothing };
		case "t":
		case "f":
			return { key, text, kind: Seen.integer };
		default:
			return { key, text, kind: classify(text) };
	}
}

function stringOf(literal: string): string {
	const text = JSON.parse(literal) as string;
	if (SURROGATE.test(text)) throw new BadLine(`half a character (a lone surrogate) in ${show(text)}`);
	return text;
}

function skipSpace(line: string, from: number): number {
	let at = from;
	while (line[at] === " " || line[at] === "\t" || line[at] === "\r" || line[at] === "\n") at++;
	return at;
}

/** `start` is that of the opening quote. */
function endOfString(line: string, start: number): number {
	for (let at = start + 1; ; at++) {
		if (line[at] === "\\") at++;
		else if (line[at] === '"') return at + 1;
	}
}

function endOfValue(line: string, start: number): number {
	if (line[start] === '"') return endOfString(line, start);
	let depth = 0;
	for (let at = start; ; ) {
		const character = line[at];
		if (character === '"') {
			at = endOfString(line, at);
			continue;
		}
		if (depth === 0 && (character === "," || character === "}" || /\s/.test(character ?? " "))) return at;
		if (character === "{" || character === "[") depth++;
		else if (character === "}" || character === "]") {
			depth--;
			if (depth === 0) return at + 1;
		}
		at++;
	}
}
