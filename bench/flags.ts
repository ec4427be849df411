import { type ParseArgsConfig, parseArgs } from "node:util";
import { CONTENDERS } from "./contenders/names.js";

/** Ends a benchmark whose command line makes no sense. */
export function refuse(message: string): never {
	console.error(message);
	process.exit(2);
}

/** What the command line of every benchmark may say beside its own numbers. */
export interface CommonFlags {
	/** Tiny inputs: for the tests, not for figures. */
	readonly smoke: boolean;
	/** Names of contenders; undefined for those that the benchmark takes by itself. */
	readonly only: readonly string[] | undefined;
	/** Where the report goes as JSON, for `all.ts` to put together. */
	readonly json: string | undefined;
}

/**
 * The command line, `--name value` for each number of `defaults` and each text of `texts`; with `--smoke` the numbers
 * of `smoke` stand for those defaults. Refuses a flag that is unknown, and a number that is not positive.
 */
export function benchFlags<Name extends string, Text extends string = never>(
	defaults: Readonly<Record<Name, number>>,
	smoke: Readonly<Partial<Record<Name, number>>>,
	texts: Readonly<Record<Text, string>> = {} as Readonly<Record<Text, string>>,
): CommonFlags & Readonly<Record<Name, number>> & Readonly<Record<Text, string>> {
	const names = Object.keys(defaults) as Name[];
	const values = parsed({
		smoke: { type: "boolean", default: false },
		only: { type: "string" },
		json: { type: "string" },
		...Object.fromEntries([...names, ...Object.keys(texts)].map((name) => [name, { type: "string" } as const])),
	});
	const given = values as Readonly<Record<string, string | undefined>>;
	const numbers = Object.fromEntries(
		names.map((name) => {
			const text = given[name];
			const standard = values.smoke ? (smoke[name] ?? defaults[name]) : defaults[name];
			const number = text === undefined ? standard : Number(text);
			if (!(number > 0)) refuse(`--${name} is a positive number, not ${text}`);
			return [name, number];
		}),
	) as Record<Name, number>;
	const words = Object.fromEntries(
		(Object.keys(texts) as Text[]).map((name) => [name, given[name] ?? texts[name]]),
	) as Record<Text, string>;
	const only = given.only?.split(",");
	const unknown = only?.find((name) => !(CONTENDERS as readonly string[]).includes(name));
	if (unknown !== undefined) refuse(`contenders are ${CONTENDERS.join(", ")}, not ${unknown}`);
	return { smoke: values.smoke === true, only, json: given.json, ...numbers, ...words };
}

function parsed(options: NonNullable<ParseArgsConfig["options"]>): Readonly<Record<string, unknown>> {
	try {
		return parseArgs({ options }).values;
	} catch (error) {
		return refuse((error as Error).message);
	}
}
