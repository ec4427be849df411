import { Buffer } from "node:buffer";
import type { Encoding, OpenOptions } from "../../host/options.js";
import type { Range } from "../../host/reader.js";
import { randomOptions } from "./configurations.js";
import { Random } from "./random.js";

/** How a call is made. */
export type Mode = "sync" | "async";
export type Write =
	| { readonly type: "put"; key: unknown; value: unknown; ttlMs?: number }
	| { readonly type: "delete" | "del"; key: unknown };
/** What a transaction does, and what is done beside it. Ranges without limit. */
export type Change = Write | { readonly type: "deleteRange"; range: Range<unknown> };
export type Listing = "entries" | "keys" | "values";

export type Step =
	| { readonly do: "put"; mode: Mode; key: unknown; value: unknown; sync: boolean | undefined; ttlMs?: number }
	| { readonly do: "delete"; mode: Mode; key: unknown }
	| { readonly do: "batch"; mode: Mode; writes: Write[]; sync: boolean | undefined; ttlMs?: number }
	| { readonly do: "deleteRange"; mode: Mode; range: Range<unknown> }
	| { readonly do: "get" | "has"; mode: Mode; key: unknown; slot: number | undefined }
	| { readonly do: "getMany"; mode: Mode; keys: unknown[]; slot: number | undefined }
	/** `take`: break off after so many entries. */
	| { readonly do: "scan"; mode: Mode; list: Listing; range: Range<unknown>; take: number; slot: number | undefined }
	/** Reads that are all under way while a write happens. */
	| { readonly do: "together"; keys: unknown[]; ranges: Range<unknown>[]; write: Write; flush: boolean }
	| { readonly do: "snapshot" | "closeSnapshot"; slot: number }
	/** An iterator that is kept open over later steps. */
	| { readonly do: "iterate"; slot: number; range: Range<unknown> }
	| { readonly do: "advance"; slot: number; mode: Mode; count: number }
	| {
			readonly do: "transaction";
			mode: Mode;
			writes: Change[];
			reads: unknown[];
			range: Range<unknown>;
			/** A write from outside while it runs. */
			outside: Change | undefined;
			end: "commit" | "throw";
	  }
	/** Ordered, and each key once, before they are ingested. */
	| { readonly do: "ingest"; entries: [key: unknown, value: unknown][] }
	/** Time goes on. */
	| { readonly do: "tick"; milliseconds: number }
	| { readonly do: "flush" | "verify" }
	| { readonly do: "compact"; range: Range<unknown> | undefined }
	/** A copy of the database, which is opened with these options. */
	| { readonly do: "checkpoint"; options: OpenOptions }
	/** "crash": the handle is dropped without closing it. */
	| { readonly do: "reopen"; how: "close" | "closeSync" | "crash"; options: OpenOptions };

export interface ModelCase {
	readonly seed: number;
	readonly place: "memory" | "disk";
	readonly keyEncoding: Encoding;
	readonly valueEncoding: Encoding;
	readonly options: OpenOptions;
	readonly steps: readonly Step[];
}

export const SLOTS = 3;

const PREFIXES = [
	"",
	"",
	"k",
	"key:",
	"\0\0\0\0\0\0\0\0",
	"\xff\xff",
	"the/same/eight/and/more/",
	"12345678",
	"1234567",
];

function keyBytes(random: Random, long: boolean): Buffer {
	if (long && random.once(30))
		return Buffer.alloc(random.pick([65_535, 65_534, 40_000, 300, 255, 256]), random.pick([0, 97, 255]));
	const prefix = Buffer.from(random.pick(PREFIXES), "latin1");
	const suffix = Buffer.from(random.bytes(random.between(prefix.length === 0 ? 1 : 0, random.pick([1, 2, 3, 9, 17]))));
	// A small alphabet makes neighbours, prefixes of each other and repeats.
	const alphabet = random.pick(["\0\x01", "ab", "\xfe\xff", "\0\xff", "\x7f\x80"]);
	if (!random.once(4))
		for (let at = 0; at < suffix.length; at++) suffix[at] = alphabet.charCodeAt((suffix[at] as number) & 1);
	return Buffer.concat([prefix, suffix]);
}

const ODD_TEXT = ["é", "\u{1f600}", "\u0000", "\u{10ffff}", "\uffff", "\u0080", "\u07ff", "\ud7ff", "\ue000"];

function key(random: Random, encoding: Encoding): unknown {
	if (encoding === "view") return new Uint8Array(keyBytes(random, true));
	if (encoding === "json") {
		if (random.once(4)) return random.below(40) - 20;
		if (random.once(6)) return [random.below(3), random.pick(ODD_TEXT)];
		if (random.once(20)) return random.pick([null, true, {}, ""]);
	}
	// A character becomes up to two bytes as UTF-8, up to six as JSON: every key stays within the limit.
	const text = keyBytes(random, true)
		.toString("latin1")
		.slice(0, encoding === "utf8" ? 32_000 : 10_000);
	return random.once(5) ? text + random.pick(ODD_TEXT) : text;
}

function valueLength(random: Random): number {
	const kind = random.below(1000);
	if (kind < 100) return 0;
	if (kind < 700) return random.between(1, 40);
	if (kind < 930) return random.between(41, 3000);
	if (kind < 994) return random.between(3000, 40_000);
	return kind < 999 ? random.between(40_000, 200_000) : random.between(1 << 20, 3 << 20);
}

function value(random: Random, encoding: Encoding): unknown {
	const length = valueLength(random);
	if (encoding === "json" && random.once(3)) return random.pick([null, 0, [1, [2]], { a: { b: "c" } }, "", -1.5]);
	if (encoding === "view") {
		// Compressible, not compressible, and of both kinds.
		if (random.once(3)) return random.bytes(length);
		const bytes = new Uint8Array(length).fill(random.below(256));
		if (random.once(2)) bytes.set(random.bytes(Math.min(length, random.below(64))), 0);
		return bytes;
	}
	const unit = random.once(4) ? random.pick(ODD_TEXT) : `${random.below(1000)},`;
	return unit.repeat(Math.ceil(length / unit.length));
}

/** A case as its seed says: everything that will be done, decided beforehand. */
export function modelCase(seed: number): ModelCase {
	const random = new Random(seed);
	const keyEncoding = random.pick<Encoding>(["utf8", "view", "view", "json"]);
	const valueEncoding = random.pick<Encoding>(["utf8", "view", "view", "json"]);
	const keys = Array.from({ length: random.pick([2, 8, 30, 120]) }, () => key(random, keyEncoding)).filter(
		(candidate) => encodedLength(candidate) !== 0,
	);
	keys.push(keyEncoding === "view" ? Uint8Array.of(0) : "\0");
	const some = () => (random.once(40) ? nonEmpty(key(random, keyEncoding)) : random.pick(keys));
	const nonEmpty = (candidate: unknown) => (encodedLength(candidate) === 0 ? random.pick(keys) : candidate);
	const mode = (): Mode => random.pick<Mode>(["sync", "async"]);
	const slot = () => random.below(SLOTS);
	const maybeSlot = () => (random.once(3) ? slot() : undefined);
	const sync = () => random.pick([undefined, undefined, undefined, false, true]);
	const ttl = (): { ttlMs?: number } => (random.once(5) ? { ttlMs: random.pick([0.5, 1, 10, 100, 1e300]) } : {});
	const write = (): Write =>
		random.once(3)
			? { type: random.pick(["delete", "del"]), key: some() }
			: { type: "put", key: some(), value: value(random, valueEncoding), ...ttl() };
	const writes = (most: number): Write[] => Array.from({ length: random.below(most) }, write);
	const change = (): Change => {
		if (!random.once(4)) return write();
		const { limit: _, ...whole } = range();
		return { type: "deleteRange", range: whole };
	};
	const range = (): Range<unknown> => {
		const fields: Record<string, unknown> = {};
		if (random.once(2)) fields[random.pick(["gt", "gte"])] = bound(random, keyEncoding, some());
		if (random.once(2)) fields[random.pick(["lt", "lte"])] = bound(random, keyEncoding, some());
		if (random.once(12)) fields[random.pick(["gt", "gte", "lt", "lte"])] = bound(random, keyEncoding, some());
		if (random.once(4)) fields.prefix = bound(random, keyEncoding, some());
		if (random.once(2)) fields.reverse = !random.once(5);
		if (random.once(3)) fields.limit = random.pick([-1, 0, 1, 2, 7, 40]);
		return fields as Range<unknown>;
	};
	const step = (): Step => {
		const kind = random.below(100);
		if (kind < 24)
			return { do: "put", mode: mode(), key: some(), value: value(random, valueEncoding), sync: sync(), ...ttl() };
		if (kind < 31) return { do: "delete", mode: mode(), key: some() };
		if (kind < 39)
			return { do: "batch", mode: mode(), writes: writes(random.pick([3, 10, 60])), sync: sync(), ...ttl() };
		if (kind < 44) {
			const { limit, ...whole } = range();
			return {
				do: "deleteRange",
				mode: mode(),
				range: limit === undefined || random.once(2) ? whole : { ...whole, limit },
			};
		}
		if (kind < 49) return { do: random.pick(["get", "has"]), mode: mode(), key: some(), slot: maybeSlot() };
		if (kind < 52)
			return { do: "getMany", mode: mode(), keys: Array.from({ length: random.below(20) }, some), slot: maybeSlot() };
		if (kind < 64) {
			const list = random.pick<Listing>(["entries", "keys", "values"]);
			const take = random.once(3) ? random.below(20) : Number.POSITIVE_INFINITY;
			return { do: "scan", mode: mode(), list, range: range(), take, slot: maybeSlot() };
		}
		if (kind < 67) {
			const together = Array.from({ length: random.below(12) }, some);
			return {
				do: "together",
				keys: together,
				ranges: Array.from({ length: random.below(4) }, range),
				write: write(),
				flush: random.once(3),
			};
		}
		if (kind < 71) return { do: random.once(3) ? "closeSnapshot" : "snapshot", slot: slot() };
		if (kind < 73) return { do: "iterate", slot: slot(), range: range() };
		if (kind < 78) return { do: "advance", slot: slot(), mode: mode(), count: random.below(40) };
		if (kind < 85) {
			return {
				do: "transaction",
				mode: mode(),
				writes: Array.from({ length: random.below(8) }, change),
				reads: Array.from({ length: random.below(5) }, some),
				range: range(),
				outside: random.once(3) ? change() : undefined,
				end: random.once(4) ? "throw" : "commit",
			};
		}
		if (kind < 88) return { do: "tick", milliseconds: random.pick([1, 5, 60]) };
		if (kind < 90) {
			const count = random.pick([0, 1, 10, 100]);
			const entries = Array.from({ length: count }, (): [unknown, unknown] => [some(), value(random, valueEncoding)]);
			return { do: "ingest", entries };
		}
		if (kind < 93) return { do: "flush" };
		if (kind < 96) return { do: "compact", range: random.once(2) ? undefined : range() };
		if (kind < 97) return random.once(2) ? { do: "verify" } : { do: "checkpoint", options: randomOptions(random) };
		return { do: "reopen", how: random.pick(["close", "closeSync", "crash"]), options: randomOptions(random) };
	};
	return {
		seed,
		// Files on a disk are slow to make: one case in twenty.
		place: random.once(20) ? "disk" : "memory",
		keyEncoding,
		valueEncoding,
		options: randomOptions(random),
		steps: Array.from({ length: random.pick([10, 30, 30, 100]) }, step),
	};
}

function encodedLength(candidate: unknown): number {
	return typeof candidate === "string" || candidate instanceof Uint8Array ? candidate.length : 1;
}

/** A bound near a key: itself, shorter, or longer. */
function bound(random: Random, encoding: Encoding, near: unknown): unknown {
	if (encoding === "json" || random.once(2)) return near;
	if (encoding === "utf8") {
		const text = near as string;
		const shorter = text.slice(0, random.below(text.length + 1));
		return random.once(2) ? `${text}\0` : shorter.isWellFormed() ? shorter : "";
	}
	const bytes = near as Uint8Array;
	return random.once(2) ? Uint8Array.of(...bytes.slice(0, 300), 0) : bytes.slice(0, random.below(bytes.length + 1));
}
