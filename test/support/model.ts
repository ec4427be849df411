import { Buffer } from "node:buffer";
import type { Encoding } from "../../host/options.js";
import type { Range } from "../../host/reader.js";

/** A value as its canonical text, and when it is gone. */
export interface Stored {
	readonly text: string;
	readonly expiry: number;
}

/** Key bytes as Latin-1 text (whose order is the bytes' order) to the value. */
export type State = ReadonlyMap<string, Stored>;

export function lookUp(state: State, key: string, now: number): string | undefined {
	const stored = state.get(key);
	return stored !== undefined && stored.expiry > now ? stored.text : undefined;
}

/** The bytes that a key or value becomes. */
export function encoded(encoding: Encoding, value: unknown): Buffer {
	if (encoding === "view") return Buffer.from(value as Uint8Array);
	return Buffer.from(encoding === "utf8" ? (value as string) : JSON.stringify(value));
}

/** A text that is the same for values that are the same. */
export function canonical(encoding: Encoding, value: unknown): string {
	if (encoding === "view") {
		const bytes = value as Uint8Array;
		return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
	}
	return encoding === "utf8" ? (value as string) : JSON.stringify(value);
}

export function keyText(encoding: Encoding, key: unknown): string {
	return encoded(encoding, key).toString("latin1");
}

/** Entries of a range, in the order in which a scan answers them. */
export function select(
	state: State,
	encoding: Encoding,
	range: Range<unknown>,
	now: number,
): [key: string, value: string][] {
	const bound = (key: unknown) => (key === undefined ? undefined : keyText(encoding, key));
	const [gt, gte, lt, lte, prefix] = [range.gt, range.gte, range.lt, range.lte, range.prefix].map(bound);
	const entries = [...state]
		.filter(
			([key, { expiry }]) =>
				expiry > now &&
				(gt === undefined || key > gt) &&
				(gte === undefined || key >= gte) &&
				(lt === undefined || key < lt) &&
				(lte === undefined || key <= lte) &&
				(prefix === undefined || key.startsWith(prefix)),
		)
		.map(([key, { text }]): [string, string] => [key, text])
		.sort(([a], [b]) => (a < b ? -1 : 1));
	if (range.reverse === true) entries.reverse();
	return range.limit === undefined || range.limit === -1 ? entries : entries.slice(0, range.limit);
}

/** Where a range starts, and the first key behind it; undefined where nothing lies between. */
export function boundsOf(encoding: Encoding, range: Range<unknown>): [lower: string, upper: string] | undefined {
	const text = (key: unknown) => keyText(encoding, key);
	const lower: string[] = [""];
	const upper: string[] = [];
	if (range.gte !== undefined) lower.push(text(range.gte));
	if (range.gt !== undefined) lower.push(`${text(range.gt)}\0`);
	if (range.lt !== undefined) upper.push(text(range.lt));
	if (range.lte !== undefined) upper.push(`${text(range.lte)}\0`);
	if (range.prefix !== undefined) {
		lower.push(text(range.prefix));
		upper.push(`${text(range.prefix)}${"\xff".repeat(70_000)}`);
	}
	// Beyond the longest key the first one after it is as good as any.
	const bound = (key: string) => (key.length > 65_535 ? `${key.slice(0, 65_535)}\0` : key);
	const low = bound(lower.sort().at(-1) as string);
	const high = bound(upper.sort()[0] ?? "\u0100");
	return low < high ? [low, high] : undefined;
}
