import { EXPIRY_MAX } from "../assembly/shared/format.js";
import { WlsmError } from "./errors.js";
import { describe } from "./options.js";

/**
 * When a value that is written at `now` with the option `ttlMs` expires, in whole Unix milliseconds; undefined without the
 * option. `WLSM_INVALID_ARGUMENT` where that is not a positive finite number.
 */
export function expiryOf(ttlMs: number | undefined, now: () => number): number | undefined {
	if (ttlMs === undefined) return undefined;
	if (typeof ttlMs !== "number" || !(ttlMs > 0 && ttlMs < Number.POSITIVE_INFINITY)) {
		throw new WlsmError(
			"WLSM_INVALID_ARGUMENT",
			`Option ttlMs is a positive number of milliseconds, not ${describe(ttlMs)}. Leave it out for a value that stays.`,
		);
	}
	return Math.min(Math.ceil(now() + ttlMs), EXPIRY_MAX);
}
