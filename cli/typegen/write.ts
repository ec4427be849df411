/** Files as they should be, and whether they are. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { WlsmError } from "../../host/errors.js";
import type { GeneratedFile } from "./generate.js";
import { shownPath } from "./project.js";
import { HEADER } from "./render.js";

/** The text of the file; undefined where there is none. */
function textOf(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return undefined; // writing it will say what is wrong
	}
}

/** Whether the file is already as it should be. Its lines may end as on Windows. */
export function isCurrent({ path, text }: GeneratedFile): boolean {
	return textOf(path)?.replaceAll("\r\n", "\n") === text;
}

/** Whether typegen has written it. */
export function isGenerated(path: string): boolean {
	return textOf(path)?.startsWith(HEADER) === true;
}

/**
 * Files that are as they should be are left alone, so that nobody who watches them is woken. A file that somebody else has
 * written is an error.
 */
export function writeChanged(files: readonly GeneratedFile[]): GeneratedFile[] {
	const changed = files.filter((file) => !isCurrent(file));
	for (const { path } of changed) {
		const there = textOf(path);
		if (there === undefined || there.startsWith(HEADER) || there.trim() === "") continue;
		const message = `${shownPath(path)} is not a file that typegen has written: move it away, or name another one with --out`;
		throw new WlsmError("WLSM_EXISTS", message, { file: path });
	}
	for (const { path, text } of changed) {
		try {
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, text);
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			throw new WlsmError("WLSM_IO", `Cannot write ${shownPath(path)}: ${reason}`, { cause: error, file: path });
		}
	}
	return changed;
}
