import { KEY_MAX_BYTES, VALUE_MAX_BYTES } from "../../../assembly/shared/format.js";
import { WlsmError } from "../../errors.js";

/** The kernel itself believes what it is told: what is wrong is refused here. */
export function invalid(message: string): WlsmError {
	return new WlsmError("WLSM_INVALID_ARGUMENT", message);
}

/** Of filters. More bring nothing. */
export const MAX_BITS_PER_KEY = 32;

export function checkBytes(what: string, bytes: Uint8Array, most: number): void {
	if (!(bytes instanceof Uint8Array)) throw invalid(`A ${what} is a Uint8Array. Encode texts with a TextEncoder.`);
	if (bytes.length > most) throw invalid(`The ${what} has ${bytes.length} bytes. Give it at most ${most}.`);
}

export function checkKey(key: Uint8Array): void {
	checkBytes("key", key, KEY_MAX_BYTES);
}

export function checkValue(value: Uint8Array): void {
	checkBytes("value", value, VALUE_MAX_BYTES);
}

export function checkWhole(what: string, value: number, least: number, most: number): void {
	if (!Number.isSafeInteger(value) || value < least || value > most)
		throw invalid(`${what} is ${value}. Give a whole number from ${least} to ${most}.`);
}

/** The newest there is: what a read sees where it is not told of which moment. */
export const NEWEST_SEQUENCE = Number.MAX_SAFE_INTEGER;

export function checkSequence(sequence: number): void {
	checkWhole("A sequence number", sequence, 0, NEWEST_SEQUENCE);
}
