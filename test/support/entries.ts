import { Buffer } from "node:buffer";
import { type Entry, text } from "./kernel.js";
import type { Random } from "./random.js";

/** Random entries with keys that are hard to tell apart; keys repeat, each later version with its own value. */
export function randomEntries(random: Random, count: number): Entry[] {
	const prefixes = ["", "a", "prefix/", "12345678", "\0\0\0\0\0\0\0\0\0", "\xff\xff\xff\xff\xff\xff\xff\xff"];
	return Array.from({ length: count }, () => {
		const suffix = random.bytes(random.between(1, random.pick([1, 2, 3, 12])));
		if (!random.once(3)) for (let at = 0; at < suffix.length; at++) suffix[at] = random.pick([0, 1, 97, 255]);
		const key = Buffer.concat([Buffer.from(random.pick(prefixes), "latin1"), suffix]);
		if (random.once(6)) return { key, value: undefined };
		const length = random.once(40) ? random.below(20_000) : random.below(60);
		// Some compress, some do not, some only in part.
		const value = random.once(2)
			? random.bytes(length)
			: Buffer.alloc(length, random.pick(["x", "abc", "0123456789abcdef"]));
		return { key, value };
	});
}

/** What entries, of sequence numbers from 1 on, look like to a reader at `sequence`. */
export function visible(entries: readonly Entry[], sequence: number): Map<string, string> {
	const state = new Map<string, string>();
	for (const { key, value } of entries.slice(0, sequence)) {
		if (value === undefined) state.delete(text(key));
		else state.set(text(key), text(value));
	}
	return state;
}

export function sorted(state: ReadonlyMap<string, string>): [string, string][] {
	return [...state].sort(([a], [b]) => (a < b ? -1 : 1));
}
