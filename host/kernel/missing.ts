import { WlsmError } from "../errors.js";

/** What is thrown where a kernel is not where it is looked for. `what`: its file in the package. */
export function missingKernel(what: string, cause: unknown): WlsmError {
	const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
	const message = `The kernel cannot be read: ${reason}. It is the file ${what} of the package: install that again, or allow that it is read; if this program is a bundle, see docs/bundling.md of the package.`;
	return new WlsmError("WLSM_IO", message, { cause });
}
