/** put, get, delete and scan at the prompt. */

import { parseArgs } from "node:util";
import { UsageError } from "../exit-code.js";
import type { CommandContext } from "./commands.js";
import { bounds, type PairRange, pairsOf } from "./pairs.js";

const usages: Readonly<Record<string, string>> = {
	put: "put KEY VALUE",
	get: "get KEY",
	delete: "delete KEY",
	scan: "scan [PREFIX] [--gte K] [--gt K] [--lte K] [--lt K] [--reverse] [--limit N]",
};

export const keyValueVerbs = ["put", "get", "delete", "del", "scan"];

export const keyValueHelp = Object.values(usages);

export async function runKeyValue([word = "", ...rest]: readonly string[], context: CommandContext): Promise<void> {
	const verb = word === "del" ? "delete" : word;
	const pairs = pairsOf(await context.database(), context.stop);
	switch (verb) {
		case "put": {
			const [key, value] = exactly(verb, rest, 2);
			await pairs.put(key as string, value as string); // as many as were asked for
			return;
		}
		case "get": {
			const [key] = exactly(verb, rest, 1);
			const value = await pairs.get(key as string);
			if (value === undefined) await context.sink.tell(`${context.sink.look.paint("absent", "(no such key)")}\n`);
			else await context.sink.write(`${context.sink.look.display(value)}\n`);
			return;
		}
		case "delete": {
			const [key] = exactly(verb, rest, 1);
			await pairs.delete(key as string);
			return;
		}
		default:
			await context.rows(["key", "value"], pairs.entries(rangeOf(rest)));
	}
}

function exactly(verb: string, words: readonly string[], count: number): readonly string[] {
	if (words.length === count) return words;
	throw new UsageError(`Use: ${usages[verb]}; what has blanks goes in quotes`);
}

function rangeOf(words: readonly string[]): PairRange {
	const text = { type: "string" } as const;
	const options = { gte: text, gt: text, lte: text, lt: text, limit: text, reverse: { type: "boolean" } } as const;
	let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
	try {
		parsed = parseArgs({ args: [...words], options, allowPositionals: true });
	} catch (error) {
		throw new UsageError(`${error instanceof Error ? error.message : String(error)}. Use: ${usages.scan}`);
	}
	const { values, positionals } = parsed;
	if (positionals.length > 1) throw new UsageError(`Use: ${usages.scan}`);
	const range: PairRange = { reverse: values.reverse === true };
	if (positionals[0] !== undefined) range.prefix = positionals[0];
	for (const bound of bounds) {
		const value = values[bound];
		if (value !== undefined) range[bound] = value;
	}
	if (values.limit !== undefined) {
		if (!/^[0-9]+$/.test(values.limit))
			throw new UsageError(`--limit must be a whole number, not ${JSON.stringify(values.limit)}`);
		range.limit = Number(values.limit);
	}
	return range;
}
