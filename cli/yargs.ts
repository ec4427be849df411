import * as assert from "node:assert";
import { createRequire } from "node:module";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { format, inspect } from "node:util";
import type { Argv } from "yargs";

/** The function that the package yargs exports. */
export type Yargs = (words: readonly string[]) => Argv;

export async function wholeYargs(): Promise<Yargs> {
	const { default: yargs } = await import("yargs");
	return yargs as Yargs;
}

/**
 * yargs as it is, but for what draws help: that is more than half of its files, and one of them has the runtime load its tables
 * of Unicode, which takes as long as a get. yargs is made of a factory that is given its platform, for which it has no public
 * name. Undefined where the factory is not where this version has it; it throws where help is to be drawn.
 */
export async function yargsWithoutHelp(): Promise<Yargs | undefined> {
	try {
		const yargs = import.meta.resolve("yargs");
		// That of yargs itself, which its helpers hand on only together with all that draws help.
		const parser = pathToFileURL(createRequire(yargs).resolve("yargs-parser"));
		const url = new URL("./build/lib/yargs-factory.js", yargs);
		const [{ YargsFactory }, { default: Parser }] = await Promise.all([import(url.href), import(parser.href)]);
		return YargsFactory({ ...platform, Parser }) as Yargs;
	} catch {
		return undefined;
	}
}

/** What the factory asks of its platform when no help is drawn. */
const platform = {
	assert,
	inspect,
	path,
	findUp: () => undefined,
	mainFilename: "",
	// What it would look for is about help, and Deno asks for leave for each.
	getEnv: () => undefined,
	getProcessArgvBin: () => process.argv[1],
	process: {
		argv: () => process.argv,
		cwd: process.cwd,
		emitWarning: process.emitWarning,
		execPath: () => process.execPath,
		exit: process.exit,
		nextTick: process.nextTick,
		stdColumns: null,
	},
	// The messages are English, and come out in words of our own.
	y18n: {
		__: format,
		__n: (one: string, other: string, count: number, ...values: readonly unknown[]) =>
			format(count === 1 ? one : other, ...values),
		getLocale: () => "en",
		setLocale() {},
		updateLocale() {},
	},
};
