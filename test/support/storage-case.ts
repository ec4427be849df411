import * as assert from "uvu/assert";

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Fails unless the work throws an error of the platform with the code. */
export function failsWith(code: string, work: () => unknown): void {
	assert.throws(work, (error: NodeJS.ErrnoException) => error instanceof Error && error.code === code, code);
}
