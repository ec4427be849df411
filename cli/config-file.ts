import { readFileSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { UsageError } from "./exit-code.js";

export interface ConfigurationFile {
	readonly path: string;
	readonly values: Readonly<Record<string, unknown>>;
}

const names = ["json", "yaml", "yml", "toml"].map((extension) => `wlsm.config.${extension}`);

/** The file that is named, else the first one that lies in a folder or in one above it. */
export async function configurationFile(
	named: string | undefined,
	from: string,
): Promise<ConfigurationFile | undefined> {
	const path = named === undefined || named === "" ? findUp(from) : resolve(from, named);
	return path === undefined ? undefined : { path, values: await valuesOf(path) };
}

function findUp(from: string): string | undefined {
	for (let folder = resolve(from); ; folder = dirname(folder)) {
		const here = names.map((name) => join(folder, name)).filter(isFile);
		if (here.length > 1) throw new UsageError(`There are ${here.join(" and ")}: keep one of them`);
		if (here[0] !== undefined || folder === dirname(folder)) return here[0];
	}
}

function isFile(path: string): boolean {
	try {
		return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
	} catch {
		// In a folder that may not be looked into there is nothing for us.
		return false;
	}
}

async function valuesOf(path: string): Promise<Readonly<Record<string, unknown>>> {
	let values: unknown;
	try {
		values = await parsed(readFileSync(path, "utf8").replace(/^\ufeff/, ""), extname(path).toLowerCase());
	} catch (error) {
		if (error instanceof UsageError) throw error;
		throw new UsageError(`Cannot read ${path}: ${(error instanceof Error ? error.message : String(error)).trim()}`);
	}
	if (values === null) return {};
	if (typeof values === "object" && !Array.isArray(values)) return values as Readonly<Record<string, unknown>>;
	throw new UsageError(`${path} must hold settings by name, such as db, not ${JSON.stringify(values)}`);
}

async function parsed(text: string, extension: string): Promise<unknown> {
	switch (extension) {
		case ".json":
			return JSON.parse(text);
		case ".yaml":
		case ".yml":
			// The parser takes a text without a document for an error.
			if (/^(?:[^\S\n]*(?:#[^\n]*)?(?:\n|$))*$/.test(text)) return {};
			return (await import("confbox/yaml")).parseYAML(text);
		case ".toml":
			return (await import("confbox/toml")).parseTOML(text);
		default:
			throw new UsageError(
				`A configuration is a file of .json, .yaml, .yml or .toml, not ${JSON.stringify(extension)}`,
			);
	}
}
