import { Buffer } from "node:buffer";
import { type Part, partEnd, partsOf, recordsOf } from "../../support/forge.js";
import { type Image, withFile } from "../../support/image.js";
import type { Random } from "../../support/random.js";
import type { Subject } from "./subjects.js";

/** An image that is not as it was written. */
export interface Damage {
	/** One of a few words, to count by. */
	readonly kind: string;
	/** Which one of its kind. */
	readonly what: string;
	/** The files that were changed, by name. */
	readonly files: readonly string[];
	readonly image: Image;
}

export type DamageMaker = () => Damage;

const EDGES = [0xffffffff, 0x7fffffff, 0x80000000];

/** Every damage of one file, or of a pair, that there is a list of. Checksums stay as they are. */
export function listedDamages(subject: Subject): DamageMaker[] {
	const makers: DamageMaker[] = [];
	for (const [name, bytes] of subject.image) {
		const change = (kind: string, what: string, make: () => Uint8Array | undefined) =>
			makers.push(() => ({
				kind,
				what: `${name} ${what}`,
				files: [name],
				image: withFile(subject.image, name, make()),
			}));
		for (let at = 0; at < bytes.length; at++) {
			for (const bits of [1 << (at & 7), 0x80 >> (at & 3), 255])
				change("flipped", `byte ${at}, bits ${bits}`, () => flipped(bytes, at, bits));
		}
		for (let length = 0; length < bytes.length; length++)
			change("cut", `to ${length}`, () => bytes.subarray(0, length));
		for (const length of [4, 16, 64, 512, bytes.length]) {
			for (let at = 0; at < bytes.length; at += Math.max(1, length >> 1))
				change("zeroed", `${at} to ${at + length}`, () => Uint8Array.from(bytes).fill(0, at, at + length));
		}
		for (let at = 0; at + 4 <= bytes.length; at += 4) {
			for (const word of EDGES) change("words", `${word} at ${at}`, () => withWord(bytes, at, word));
		}
		for (const length of [1, 7, 8, 31, 32, 64, 4096]) {
			change("grown", `by ${length} zeros`, () => Buffer.concat([bytes, new Uint8Array(length)]));
			change("grown", `by ${length} of its own`, () => Buffer.concat([bytes, bytes.subarray(0, length)]));
		}
		change("missing", "", () => undefined);
		for (const [what, make] of rearranged(name, bytes)) change("rearranged", what, make);
		for (const [moment, image] of subject.earlier.entries()) {
			const earlier = image.get(name);
			if (earlier !== undefined && Buffer.compare(earlier, bytes) !== 0)
				change("stale", `of moment ${moment}`, () => earlier);
		}
	}
	return [...makers, ...misplaced(subject)];
}

/** Files under each other's names, and under a second one. */
function misplaced({ image }: Subject): DamageMaker[] {
	const makers: DamageMaker[] = [];
	for (const [name, bytes] of image) {
		for (const [other, content] of image) {
			if (other === name) continue;
			makers.push(() => {
				const files = [name];
				return { kind: "replaced", what: `${name} by ${other}`, files, image: withFile(image, name, content) };
			});
			if (other < name) continue;
			makers.push(() => {
				const swapped = withFile(withFile(image, name, content), other, bytes);
				return { kind: "swapped", what: `${name} and ${other}`, files: [name, other], image: swapped };
			});
		}
		const ending = /\.(sst|wal)$/.exec(name)?.[0];
		const seconds =
			ending === undefined
				? ["MANIFEST-000000", "MANIFEST-000077", "MANIFEST-2147483647"]
				: [`000000${ending}`, `000003${ending}`, `000077${ending}`, `2147483647${ending}`, `4294967295${ending}`];
		for (const second of seconds) {
			if (image.has(second) || name === "CURRENT") continue;
			makers.push(() => ({
				kind: "doubled",
				what: `${name} as ${second}`,
				files: [second],
				image: withFile(image, second, bytes),
			}));
		}
	}
	return makers;
}

/** Records of a log twice, left out, or in another order; blocks of a table in each other's place. */
function rearranged(name: string, bytes: Uint8Array): [what: string, make: () => Uint8Array][] {
	if (name.endsWith(".sst")) {
		const parts = partsOf(bytes).filter((part) => part.name !== "footer");
		const pairs = parts.flatMap((from) => parts.filter((to) => to !== from).map((to): [Part, Part] => [from, to]));
		return pairs.map(([from, to]) => [
			`block ${from.offset} over ${to.offset}`,
			() => {
				const copy = Uint8Array.from(bytes);
				copy.set(
					bytes.subarray(from.offset, Math.min(partEnd(from), from.offset + partEnd(to) - to.offset)),
					to.offset,
				);
				return copy;
			},
		]);
	}
	if (name === "CURRENT") return [];
	const records = recordsOf(bytes).map(({ offset, length }) => bytes.subarray(offset, offset + length));
	const log = (order: readonly Uint8Array[]) => () => Buffer.concat([bytes.subarray(0, 40), ...order]);
	return records.flatMap((record, index): [string, () => Uint8Array][] => [
		[`record ${index} twice`, log(records.toSpliced(index, 0, record))],
		[`record ${index} left out`, log(records.toSpliced(index, 1))],
		[`record ${index} again at the end`, log([...records, record])],
		[
			`record ${index} after its successor`,
			log([...records.slice(0, index), ...records.slice(index + 1, index + 2), record, ...records.slice(index + 2)]),
		],
	]);
}

/** A few changes of any files at once. */
export function mixedDamage(random: Random, { image: sound }: Pick<Subject, "image">): Damage {
	let image = sound;
	const [files, what] = [new Set<string>(), [] as string[]];
	for (let count = random.pick([1, 2, 2, 3]); count > 0 && image.size > 0; count--) {
		const [name, bytes] = random.pick([...image]);
		const at = random.below(Math.max(1, bytes.length));
		const kind = random.pick(["flip", "cut", "zero", "bytes", "word", "grow", "insert", "remove", "gone"] as const);
		files.add(name);
		what.push(`${name}: ${kind} at ${at}`);
		image = withFile(image, name, changed(random, kind, bytes, at));
	}
	return { kind: "mixed", what: what.join(", "), files: [...files], image };
}

function changed(
	random: Random,
	kind: "flip" | "cut" | "zero" | "bytes" | "word" | "grow" | "insert" | "remove" | "gone",
	bytes: Uint8Array,
	at: number,
): Uint8Array | undefined {
	const length = random.pick([1, 2, 4, 8, 30, 100, 600]);
	const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
	switch (kind) {
		case "flip":
			return bytes.length === 0 ? bytes : flipped(bytes, at, 1 << random.below(8));
		case "cut":
			return before;
		case "zero":
			return Uint8Array.from(bytes).fill(random.pick([0, 0, 255]), at, at + length);
		case "bytes":
			return Buffer.concat([before, random.bytes(Math.min(length, after.length)), after.subarray(length)]);
		case "word":
			return at + 4 > bytes.length ? bytes : withWord(bytes, at, random.pick([...EDGES, 0, 1, random.word()]));
		case "grow":
			return Buffer.concat([bytes, random.once(2) ? random.bytes(length) : new Uint8Array(length)]);
		case "insert":
			return Buffer.concat([before, random.bytes(length), after]);
		case "remove":
			return Buffer.concat([before, after.subarray(length)]);
		case "gone":
			return undefined;
	}
}

function flipped(bytes: Uint8Array, at: number, bits: number): Uint8Array {
	const copy = Uint8Array.from(bytes);
	copy[at] = (copy[at] as number) ^ bits;
	return copy;
}

function withWord(bytes: Uint8Array, at: number, word: number): Uint8Array {
	const copy = Uint8Array.from(bytes);
	new DataView(copy.buffer).setUint32(at, word, true);
	return copy;
}
