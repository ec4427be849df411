import { UsageError } from "./exit-code.js";

/** An error as people are told of it. */
export function errorText(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	if (error instanceof UsageError) return text;
	const isTooLong = error instanceof Error && "code" in error && error.code === "ERR_STRING_TOO_LONG";
	if (isTooLong || (error instanceof RangeError && text === "Invalid string length")) {
		return "A value is too long to be printed like this. Print it with wlsm get, or in parts with substr().";
	}
	// What the library and the platform throw has a code, but for Deno's word for what it was not allowed to do; anything else is a mistake of ours.
	const known = error instanceof Error && ("code" in error || error.name === "NotCapable");
	return known ? text : `internal error, please report it: ${text}`;
}
