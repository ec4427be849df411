/** The files that a load is about: names, patterns and standard input. */

import { closeSync, createReadStream, openSync, readdirSync, type Stats, statSync } from "node:fs";
import { join, win32 } from "node:path";
import { WlsmError } from "../host/errors.js";
import type { LoadSource } from "../host/load/index.js";
import { UsageError } from "./exit-code.js";

/** The files that words name. A word that is no file and has one of `*?[` is a pattern; it must fit a file. */
export function filesOf(words: readonly string[]): string[] {
	const files = words.flatMap((word) => {
		if (!/[*?[]/.test(word) || statSync(word, { throwIfNoEntry: false }) !== undefined) return [word];
		const found = fitting(word);
		if (found.length > 0) return found;
		throw new WlsmError("WLSM_INVALID_ARGUMENT", `There is no file that fits ${word}`, { file: word });
	});
	if (files.filter((file) => file === "-").length > 1) throw new UsageError("Standard input (-) can be read only once");
	return files;
}

/** Sorted by their names, as shells do it. `**` is any number of folders. */
function fitting(pattern: string): string[] {
	const { root, steps } = stepsOf(pattern);
	return below(root, steps).sort();
}

/** Where a pattern starts, "" for the working directory, and its parts. Windows has two separators, drives and shares. */
export function stepsOf(
	pattern: string,
	platform: NodeJS.Platform = process.platform,
): { readonly root: string; readonly steps: readonly string[] } {
	const isWindows = platform === "win32";
	const root = isWindows ? win32.parse(pattern).root : pattern.startsWith("/") ? "/" : "";
	const steps = pattern.slice(root.length).split(isWindows ? /[\\/]/ : "/");
	return { root, steps: steps.filter((step) => step !== "") };
}

function below(folder: string, [step, ...rest]: readonly string[]): string[] {
	if (step === undefined) return [folder];
	if (step === "**") {
		const deeper = entriesOf(folder).filter((entry) => entry.isFolder && !entry.isLink && !entry.name.startsWith("."));
		return [...below(folder, rest), ...deeper.flatMap(({ name }) => below(join(folder, name), ["**", ...rest]))];
	}
	if (!/[*?[]/.test(step)) {
		const path = join(folder, step);
		return statSync(path, { throwIfNoEntry: false }) === undefined ? [] : below(path, rest);
	}
	const fits = expressionOf(step);
	return entriesOf(folder)
		.filter(({ name, isFolder }) => fits.test(name) && isFolder === rest.length > 0)
		.flatMap(({ name }) => below(join(folder, name), rest));
}

function entriesOf(folder: string): { readonly name: string; readonly isFolder: boolean; readonly isLink: boolean }[] {
	try {
		return readdirSync(folder === "" ? "." : folder, { withFileTypes: true }).map((entry) => {
			const isLink = entry.isSymbolicLink();
			return { name: entry.name, isLink, isFolder: isLink ? isFolder(join(folder, entry.name)) : entry.isDirectory() };
		});
	} catch {
		// What cannot be listed has nothing that fits.
		return [];
	}
}

function isFolder(path: string): boolean {
	try {
		return statSync(path).isDirectory();
	} catch {
		return false;
	}
}

/** On Windows names that differ in case alone are the same. */
export function expressionOf(step: string, platform: NodeJS.Platform = process.platform): RegExp {
	const text = step.replace(/\[([!^]?)([^\]]+)\]|[\s\S]/g, (part: string, not?: string, set?: string) => {
		if (set !== undefined) return `[${not ? "^" : ""}${set.replace(/[\\\]^]/g, "\\$&")}]`;
		if (part === "*") return "[^/]*";
		return part === "?" ? "[^/]" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
	});
	// A hidden file is meant only by a pattern that begins with a dot.
	try {
		return new RegExp(`^${step.startsWith(".") ? "" : "(?!\\.)"}${text}$`, platform === "win32" ? "sui" : "su");
	} catch {
		throw new UsageError(`${JSON.stringify(step)} is no pattern: a range in it ends before it begins`);
	}
}

/** A file can be read again from its start; pipes and devices, such as /dev/stdin, come as streams. */
export function sourceOf(file: string): LoadSource {
	if (file === "-") return process.stdin;
	// Said before a database is made for nothing.
	let stat: Stats | undefined;
	try {
		stat = lookAt(file);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new WlsmError("WLSM_IO", `Cannot read ${file}: ${reason}`, { cause: error, file });
	}
	if (stat === undefined || stat.isDirectory()) {
		const message = stat === undefined ? `There is no file ${file}` : `${file} is a directory, not a CSV file`;
		throw new WlsmError("WLSM_INVALID_ARGUMENT", message, { file });
	}
	return stat.isFile() ? file : createReadStream(file);
}

function lookAt(file: string): Stats | undefined {
	const stat = statSync(file, { throwIfNoEntry: false });
	// Opened and not asked about: Deno would want leave to know the user.
	if (stat?.isFile()) closeSync(openSync(file, "r"));
	return stat;
}
