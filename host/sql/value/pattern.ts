/**
 * LIKE and GLOB. Both are matched with two pointers and one point of return: after a mismatch only the last `%` (or `*`)
 * swallows one more character, because an earlier one could not do better. Time is at most pattern times text, and close
 * to linear on the patterns that make recursive matchers exponential.
 */

import { WlsmError } from "../../errors.js";
import { foldCase } from "./compare.js";
import { beforeNul, utf8 } from "./text.js";

type Item =
	| { readonly type: "many" }
	| { readonly type: "one" }
	| { readonly type: "run"; readonly text: string }
	| { readonly type: "set"; readonly ranges: readonly (readonly [string, string])[]; readonly negated: boolean };

export interface Pattern {
	readonly items: readonly Item[];
	readonly foldsCase: boolean;
	/** No text matches: a GLOB with a bracket that is never closed, a LIKE that ends in its escape character. */
	readonly impossible: boolean;
}

/** Bytes of UTF-8. */
const MAX_PATTERN_BYTES = 50_000;

/** Patterns and the texts they are held against end at a NUL, as in C. */
function charactersOf(pattern: string): string[] {
	const isLong = pattern.length * 3 > MAX_PATTERN_BYTES && utf8(pattern).length > MAX_PATTERN_BYTES;
	if (isLong) throw new WlsmError("WLSM_SQL", "LIKE or GLOB pattern too complex");
	return [...beforeNul(pattern)];
}

/** Whether LIKE takes a letter for its other case: ASCII alone, and not under PRAGMA case_sensitive_like. */
export type LikeCase = "folded" | "exact";

export function likePattern(pattern: string, escapeCharacter: string | null, likeCase: LikeCase = "folded"): Pattern {
	const foldsCase = likeCase === "folded";
	const items: Item[] = [];
	let run = "";
	const flush = () => {
		if (run !== "") items.push({ type: "run", text: foldsCase ? foldCase(run) : run });
		run = "";
	};
	const characters = charactersOf(pattern);
	for (let i = 0; i < characters.length; i++) {
		const character = characters[i] as string; // i is within
		if (character === escapeCharacter) {
			i++;
			const next = characters[i];
			if (next === undefined) return { items: [], foldsCase, impossible: true };
			run += next;
		} else if (character === "%" || character === "_") {
			flush();
			items.push({ type: character === "%" ? "many" : "one" });
		} else {
			run += character;
		}
	}
	flush();
	return { items, foldsCase, impossible: false };
}

export function globPattern(pattern: string): Pattern {
	const items: Item[] = [];
	let run = "";
	const flush = () => {
		if (run !== "") items.push({ type: "run", text: run });
		run = "";
	};
	const characters = charactersOf(pattern);
	for (let i = 0; i < characters.length; i++) {
		const character = characters[i] as string; // i is within
		if (character === "*" || character === "?") {
			flush();
			items.push({ type: character === "*" ? "many" : "one" });
		} else if (character === "[") {
			flush();
			const end = globSet(characters, i + 1, items);
			if (end === -1) return { items: [], foldsCase: false, impossible: true };
			i = end;
		} else {
			run += character;
		}
	}
	flush();
	return { items, foldsCase: false, impossible: false };
}

/** Reads `^a-z]` behind a bracket; answers with the index of the closing bracket, or -1. */
function globSet(characters: readonly string[], start: number, items: Item[]): number {
	let i = start;
	const negated = characters[i] === "^";
	if (negated) i++;
	const ranges: [string, string][] = [];
	// A closing bracket that comes first stands for itself.
	if (characters[i] === "]") {
		ranges.push(["]", "]"]);
		i++;
	}
	/** What a range may begin with: a character that is not itself the end of one. */
	let low: string | undefined;
	for (; i < characters.length; i++) {
		const character = characters[i] as string; // i is within
		if (character === "]") {
			items.push({ type: "set", ranges, negated });
			return i;
		}
		const high = characters[i + 1];
		if (character === "-" && low !== undefined && high !== undefined && high !== "]") {
			ranges.push([low, high]);
			low = undefined;
			i++;
		} else {
			ranges.push([character, character]);
			low = character;
		}
	}
	return -1;
}

function characterAt(text: string, index: number): string {
	return String.fromCodePoint(text.codePointAt(index) as number); // index is within
}

function inSet(item: Item & { type: "set" }, character: string): boolean {
	const point = character.codePointAt(0) as number; // one character
	const found = item.ranges.some(
		([low, high]) => point >= (low.codePointAt(0) as number) && point <= (high.codePointAt(0) as number),
	);
	return found !== item.negated;
}

/** How many UTF-16 units of the text the item takes at `index`, or -1. */
function step(item: Item, text: string, index: number): number {
	switch (item.type) {
		case "run":
			return text.startsWith(item.text, index) ? item.text.length : -1;
		case "many":
			return -1;
		case "one":
			return index < text.length ? characterAt(text, index).length : -1;
		case "set": {
			if (index >= text.length) return -1;
			const character = characterAt(text, index);
			return inSet(item, character) ? character.length : -1;
		}
	}
}

export function matches(pattern: Pattern, original: string): boolean {
	if (pattern.impossible) return false;
	const whole = beforeNul(original);
	const text = pattern.foldsCase ? foldCase(whole) : whole;
	const { items } = pattern;
	let item = 0;
	let index = 0;
	let returnItem = -1;
	let returnIndex = 0;
	for (;;) {
		const current = items[item];
		if (current === undefined) {
			if (index === text.length) return true;
		} else if (current.type === "many") {
			item++;
			if (item === items.length) return true;
			returnItem = item;
			returnIndex = index;
			continue;
		} else {
			const taken = step(current, text, index);
			if (taken >= 0) {
				index += taken;
				item++;
				continue;
			}
		}
		if (returnItem === -1 || returnIndex >= text.length) return false;
		const behind = items[returnItem] as Item; // `many` is never left as the last item
		if (behind.type === "run") {
			// Straight to the next place where the run behind the `many` occurs; if that run is last, to the end.
			const last = returnItem === items.length - 1;
			const next = last ? Math.max(returnIndex + 1, text.length - behind.text.length) : returnIndex + 1;
			const found = text.indexOf(behind.text, next);
			if (found === -1) return false;
			returnIndex = found;
		} else {
			returnIndex += characterAt(text, returnIndex).length;
		}
		item = returnItem;
		index = returnIndex;
	}
}

/** What every text that matches begins with, but for case under LIKE without an ESCAPE. */
export function literalPrefix(operator: "like" | "glob", pattern: string): string {
	const text = beforeNul(pattern);
	const end = text.search(operator === "like" ? /[%_]/ : /[*?[]/);
	return end === -1 ? text : text.slice(0, end);
}
