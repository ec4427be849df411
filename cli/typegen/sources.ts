/** The queries of files, read again only where a file has changed. */

import { statSync } from "node:fs";
import { WlsmError } from "../../host/errors.js";
import { findQueries, type SourceQueries } from "./find.js";
import type { PlacedFile } from "./problem.js";
import { shownPath } from "./project.js";
import { HEADER } from "./render.js";
import { readSqlFile, type SqlFile } from "./sql-file.js";
import { readTextFile } from "./text-file.js";

export type ReadFile =
	| { readonly kind: "source"; readonly file: PlacedFile; readonly found: SourceQueries }
	| { readonly kind: "sql"; readonly file: PlacedFile; readonly found: SqlFile };

interface Known {
	readonly changed: number;
	readonly bytes: number;
	readonly read: ReadFile | undefined;
}

export class Sources {
	readonly #known = new Map<string, Known>();

	/** Undefined for what this program has written itself, and for a file that is gone. */
	read(path: string): ReadFile | undefined {
		try {
			const { mtimeMs, size } = statSync(path);
			const known = this.#known.get(path);
			if (known !== undefined && known.changed === mtimeMs && known.bytes === size) return known.read;
			const read = readOne(path);
			this.#known.set(path, { changed: mtimeMs, bytes: size, read });
			return read;
		} catch (error) {
			if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
			throw ioError(path, error);
		}
	}
}

function readOne(path: string): ReadFile | undefined {
	const text = readTextFile(path);
	const file = { path, text };
	if (path.endsWith(".sql")) return { kind: "sql", file, found: readSqlFile(path, text) };
	if (text.startsWith(HEADER)) return undefined;
	// Where elements of JSX cannot stand, `<` begins a type assertion.
	return { kind: "source", file, found: findQueries(text, !/\.[cm]?ts$/.test(path)) };
}

export function ioError(path: string, error: unknown): unknown {
	if (!(error instanceof Error && "code" in error)) return error;
	return new WlsmError("WLSM_IO", `Cannot read ${shownPath(path)}: ${error.message}`, { cause: error, file: path });
}
