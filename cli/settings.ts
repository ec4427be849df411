/** What the command line takes from its options, the environment and a configuration file, in this order. */

import { dirname, resolve } from "node:path";
import type { OpenOptions } from "../host/index.js";
import type { Arguments } from "./arguments.js";
import { colorModes, formatNames } from "./choices.js";
import { type ConfigurationFile, configurationFile } from "./config-file.js";
import { UsageError } from "./exit-code.js";

export type SettingValue = string | number | boolean;

interface Definition {
	readonly about: string;
	/** What it may be: a text, a whole number, a flag, or one of these words. */
	readonly is: "text" | "number" | "flag" | readonly string[];
	/** Where nobody says anything; absent for what the library has its own default for. */
	readonly otherwise?: SettingValue;
	/** It is an option of every command too. */
	readonly option?: true;
	/** It is an option of the library's `open`. */
	readonly opens?: true;
}

export const definitions = {
	db: { about: "Directory of the database", is: "text", otherwise: "./wlsm-data", option: true },
	kernel: { about: "What the hot path runs in", is: ["wasm", "ts"], otherwise: "wasm", option: true },
	color: { about: "Colours", is: colorModes, otherwise: "auto", option: true },
	verbose: { about: "Tell on standard error what the database does", is: "flag", otherwise: false, option: true },
	format: { about: "Format of results of query and shell", is: formatNames },
	timeout: { about: "Milliseconds that a statement may take; 0 for no limit", is: "number", otherwise: 0 },
	pager: { about: "Program for long results of the shell, or off; $PAGER unless given", is: "text" },
	history: { about: "File for the history of the shell, or off", is: "text" },
	typesSchema: { about: "File of SQL with the schema, for typegen and check in the place of the database", is: "text" },
	typesOut: { about: "File that typegen writes, and check compares", is: "text" },
	typesIgnore: { about: "Patterns of files that typegen and check leave out, with blanks between them", is: "text" },
	sync: { about: "Each commit is on stable storage before it is done", is: "flag", opens: true },
	memoryBytes: { about: "What the kernel's memory may grow to", is: "number", opens: true },
	memtableBytes: { about: "Size of a memtable", is: "number", opens: true },
	blockCacheBytes: { about: "For decoded blocks", is: "number", opens: true },
	blockBytes: { about: "Size of a data block", is: "number", opens: true },
	bloomBitsPerKey: { about: "Bits of filters for each key", is: "number", opens: true },
	compression: { about: "Of data blocks", is: ["lz4", "none"], opens: true },
	background: { about: "Where flushes and compactions run", is: ["worker", "inline"], opens: true },
	maxOpenFiles: { about: "Table files that are open at once", is: "number", opens: true },
	sqlMemoryBytes: { about: "What each sort, join and so on holds in memory", is: "number", opens: true },
	sqlReadsFiles: { about: "Whether read_csv may read files", is: "flag", opens: true },
} as const satisfies Readonly<Record<string, Definition>>;

export type SettingName = keyof typeof definitions;

export const settingNames = Object.keys(definitions) as SettingName[];

/** Keys and values are what the command makes of them. */
export type TuningOptions = Omit<OpenOptions, "keyEncoding" | "valueEncoding">;

/** A setting as it is, and what said so. */
export interface Setting {
	readonly value: SettingValue | undefined;
	readonly from: string;
}

export class Settings {
	readonly file: ConfigurationFile | undefined;
	readonly #found: ReadonlyMap<SettingName, Setting>;

	constructor(file: ConfigurationFile | undefined, found: ReadonlyMap<SettingName, Setting>) {
		this.file = file;
		this.#found = found;
	}

	get(name: SettingName): Setting {
		return this.#found.get(name) ?? { value: undefined, from: "default" };
	}

	text(name: SettingName): string | undefined {
		const { value } = this.get(name);
		return value === undefined ? undefined : String(value);
	}

	/** What a definition's `is` lists, so that no other can have been found. */
	choice<T extends string>(name: SettingName, choices: readonly T[], otherwise: T): T {
		return choices.find((choice) => choice === this.text(name)) ?? otherwise;
	}

	number(name: SettingName): number {
		return Number(this.get(name).value ?? 0);
	}

	flag(name: SettingName): boolean {
		return this.get(name).value === true;
	}

	/** For the library's `open`: what somebody has set. */
	get openOptions(): TuningOptions {
		const names = settingNames.filter((name) => isOpen(name) && this.get(name).value !== undefined);
		return Object.fromEntries(names.map((name) => [name, this.get(name).value]));
	}
}

export async function settingsFor(args: Arguments, env = process.env, from = process.cwd()): Promise<Settings> {
	const file = await configurationFile(args.text("config") ?? env.WLSM_CONFIG, from);
	if (file !== undefined) await checkNames(file);
	return new Settings(file, new Map(settingNames.map((name) => [name, settingOf(name, args, env, file)])));
}

export function variableOf(name: SettingName): string {
	return `WLSM_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function settingOf(
	name: SettingName,
	args: Arguments,
	env: NodeJS.ProcessEnv,
	file: ConfigurationFile | undefined,
): Setting {
	const definition: Definition = definitions[name];
	if (definition.option === true) {
		const given = definition.is === "flag" ? args.flag(name) || undefined : args.text(name);
		if (given !== undefined) return { value: readValue(name, given, `--${name}`), from: `--${name}` };
	}
	const variable = variableOf(name);
	const text = env[variable];
	if (text !== undefined && text !== "") return { value: readValue(name, text, `$${variable}`), from: `$${variable}` };
	if (file !== undefined && Object.hasOwn(file.values, name)) {
		const value = readValue(name, file.values[name], `${name} in ${file.path}`);
		return { value: isPath(name, value) ? resolve(dirname(file.path), value) : value, from: file.path };
	}
	return { value: definition.otherwise, from: "default" };
}

/** Paths in a file start where the file lies. */
function isPath(name: SettingName, value: SettingValue): value is string {
	if (name === "typesSchema" || name === "typesOut") return true;
	return (name === "db" && value !== ":memory:") || (name === "history" && value !== "off");
}

function isOpen(name: SettingName): boolean {
	const definition: Definition = definitions[name];
	return definition.opens === true;
}

async function checkNames({ values, path }: ConfigurationFile): Promise<void> {
	for (const name of Object.keys(values)) {
		if (Object.hasOwn(definitions, name)) continue;
		const { nearest } = await import("./nearest.js");
		const near = nearest(name, settingNames);
		const hint = near === undefined ? `settings are ${settingNames.join(", ")}` : `did you mean ${near}?`;
		throw new UsageError(`${path}: there is no setting ${JSON.stringify(name)}; ${hint}`);
	}
}

/** Texts of the environment and the command line are read as what the setting is. */
function readValue(name: SettingName, given: unknown, where: string): SettingValue {
	const { is }: Definition = definitions[name];
	if (is === "text") {
		// A switch of YAML is a word here.
		if (given === false) return "off";
		if (typeof given === "string" && given !== "") return given;
		throw wrong(where, "must be a text", given);
	}
	if (is === "number") {
		const value = typeof given === "string" && /^[0-9]+$/.test(given) ? Number(given) : given;
		if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
		throw wrong(where, "must be a whole number", given);
	}
	if (is === "flag") {
		if (typeof given === "boolean") return given;
		if (given === "1" || given === "true") return true;
		if (given === "0" || given === "false") return false;
		throw wrong(where, "must be true or false", given);
	}
	const choice = is.find((candidate) => candidate === given);
	if (choice !== undefined) return choice;
	throw wrong(where, `must be one of ${is.join(", ")}`, given);
}

function wrong(where: string, what: string, given: unknown): UsageError {
	return new UsageError(`${where} ${what}, not ${JSON.stringify(given)}`);
}
