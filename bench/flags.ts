import { parseArgs } from "node:util";

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
 * of `smoke` stand for those defaults. Throws where a flag is unknown, or a number is not positive.
 */
export function benchFlags<Name extends string, Text extends string = never>(
	defaults: Readonly<Record<Name, number>>,
	smoke: Readonly<Partial<Record<Name, number>>>,
	texts: Readonly<Record<Text, string>> = {} as Readonly<Record<Text, string>>,
): CommonFlags & Readonly<Record<Name, number>> & Readonly<Record<Text, string>> {
	const names = Object.keys(defaults) as Name[];
	const { values } = parseArgs({
		options: {
			smoke: { type: "boolean", default: false },
			only: { type: "string" },
			json: { type: "string" },
			...Object.fromEntries([...names, ...Object.keys(texts)].map((name) => [name, { type: "string" } as const])),
		},
	});
	const given = values as unknown as Readonly<Record<string, string | undefined>>;
	const numbers = Object.fromEntries(
		names.map((name) => {
			const text = given[name];
			const standard = values.smoke ? (smoke[name] ?? defaults[name]) : defaults[name];
			const number = text === undefined ? standard : Number(text);
			if (!(number > 0)) throw new Error(`--${name} is a positive number, not ${text}`);
			return [name, number];
		}),
	) as Record<Name, number>;
	const words = Object.fromEntries(
		(Object.keys(texts) as Text[]).map((name) => [name, given[name] ?? texts[name]]),
	) as Record<Text, string>;
	return { smoke: values.smoke === true, only: given.only?.split(","), json: given.json, ...numbers, ...words };
}
