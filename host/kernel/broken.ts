import { WlsmError } from "../errors.js";

/** What is thrown where a kernel finds that its own structures are not as they must be. */
export function brokenKernel(cause: Error): WlsmError {
	const message = `The kernel found an invariant broken (${cause.message}). Close the database and verify it.`;
	return new WlsmError("WLSM_CORRUPTION", message, { cause });
}
