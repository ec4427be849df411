/** What callers give in the place of values, as errors tell of it. */

import { WlsmError } from "../../errors.js";

export function invalid(message: string): WlsmError {
	return new WlsmError("WLSM_INVALID_ARGUMENT", message);
}

/** Of a text that is not well formed. */
export function loneSurrogate(what: string): WlsmError {
	return invalid(`${what} has a lone surrogate, which has no UTF-8 form`);
}

export function describeGiven(value: unknown): string {
	if (value === null) return "null";
	if (typeof value !== "object") return `a value of type ${typeof value}`;
	return `an object of class ${value.constructor?.name ?? "without a name"}`;
}
