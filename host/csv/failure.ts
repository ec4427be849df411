import { WlsmError } from "../errors.js";

export function invalid(message: string, details: { readonly file?: string; readonly line?: number } = {}): WlsmError {
	return new WlsmError("WLSM_INVALID_ARGUMENT", message, details);
}

export function show(text: string): string {
	return JSON.stringify(text);
}

/** Runs a file operation on the input; its failure says what is to be done. */
export function guarded<T>(name: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw readFailure(name, error);
	}
}

export function readFailure(name: string, error: unknown): Error {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	if (code === "ENOENT") return invalid(`There is no file ${name}`, { file: name });
	if (code === "EISDIR") return invalid(`${name} is a directory, not a CSV file`, { file: name });
	const reason = error instanceof Error ? error.message : String(error);
	return new WlsmError("WLSM_IO", `Cannot read ${name}: ${reason}`, { cause: error, file: name });
}
