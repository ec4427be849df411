import { copyOf } from "../../../host/engine/bytes.js";
import type { Random } from "../random.js";

/** What becomes of a file's bytes that were not synced when the power went. */
export type DataSurvival =
	| "lost"
	| "kept"
	/** Some of the writes in their order, the last of them up to any byte; or of each sector the one or the other version. */
	| "torn";

/** What disks write at once. */
const SECTOR_BYTES = 512;

type Write = { readonly at: number; readonly bytes: Uint8Array } | { readonly cutTo: number };

/** Bytes that grow; zeros where nothing was written. */
class Content {
	#bytes: Uint8Array;
	size: number;

	constructor(bytes: Uint8Array = new Uint8Array(0)) {
		this.#bytes = bytes.slice();
		this.size = bytes.length;
	}

	get bytes(): Uint8Array {
		return this.#bytes.subarray(0, this.size);
	}

	apply(write: Write): void {
		if ("cutTo" in write) this.resize(write.cutTo);
		else this.put(write.at, write.bytes);
	}

	put(at: number, bytes: Uint8Array): void {
		if (at + bytes.length > this.size) this.resize(at + bytes.length);
		this.#bytes.set(bytes, at);
	}

	resize(size: number): void {
		if (size > this.#bytes.length) {
			const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
			larger.set(this.bytes);
			this.#bytes = larger;
		}
		this.#bytes.fill(0, Math.min(size, this.size), Math.max(size, this.size));
		this.size = size;
	}
}

/** A file: what readers see, and apart from it what is on stable storage. */
export class Inode {
	readonly #seen: Content;
	readonly #stable: Content;
	/** Writes that no sync has settled, in their order. */
	#pending: Write[] = [];

	constructor(bytes?: Uint8Array) {
		this.#seen = new Content(bytes);
		this.#stable = new Content(bytes);
	}

	get bytes(): Uint8Array {
		return this.#seen.bytes;
	}

	write(at: number, bytes: Uint8Array): void {
		this.#change({ at, bytes: copyOf(bytes, 0, bytes.length) });
	}

	cut(length: number): void {
		this.#change({ cutTo: length });
	}

	#change(write: Write): void {
		this.#seen.apply(write);
		this.#pending.push(write);
	}

	sync(): void {
		for (const write of this.#pending) this.#stable.apply(write);
		this.#pending = [];
	}

	/**
	 * A sync that fails gives up what it was to keep: no later sync writes it. Readers go on seeing it as long as it is in the
	 * system's cache, as Linux has it, or find zeros in its place.
	 */
	loseUnsynced(then: "seen" | "zeros"): void {
		this.#pending = [];
		if (then === "seen") return;
		const { size } = this.#seen;
		this.#seen.resize(0);
		this.#seen.put(0, this.#stable.bytes);
		this.#seen.resize(size);
	}

	/** The bytes that are found when the power is back. */
	afterCut(survival: DataSurvival, random: Random): Uint8Array {
		if (survival === "kept") return this.bytes.slice();
		const image = new Content(this.#stable.bytes);
		if (survival === "torn" && this.#pending.length > 0) {
			if (random.once(2)) this.#inOrder(image, random);
			else this.#bySectors(image, random);
		}
		return image.bytes.slice();
	}

	#inOrder(image: Content, random: Random): void {
		const whole = random.below(this.#pending.length + 1);
		for (const write of this.#pending.slice(0, whole)) image.apply(write);
		const torn = this.#pending[whole];
		if (torn !== undefined && "bytes" in torn)
			image.put(torn.at, torn.bytes.subarray(0, random.below(torn.bytes.length)));
		this.#allot(image, random);
	}

	/** Lengths are changed in order; of what is written after the last such change each sector goes its own way. */
	#bySectors(image: Content, random: Random): void {
		const reached = this.#pending.slice(0, random.between(1, this.#pending.length));
		const cut = reached.findLastIndex((write) => "cutTo" in write);
		for (const write of reached.slice(0, cut + 1)) image.apply(write);
		const versions = new Map<number, { readonly at: number; readonly bytes: Uint8Array }[]>();
		for (const write of reached.slice(cut + 1)) {
			if ("cutTo" in write) continue;
			for (let at = write.at; at < write.at + write.bytes.length; ) {
				const sector = Math.floor(at / SECTOR_BYTES);
				const end = Math.min((sector + 1) * SECTOR_BYTES, write.at + write.bytes.length);
				const piece = { at, bytes: write.bytes.subarray(at - write.at, end - write.at) };
				versions.set(sector, [...(versions.get(sector) ?? []), piece]);
				at = end;
			}
		}
		for (const pieces of versions.values()) {
			for (const { at, bytes } of pieces.slice(0, random.below(pieces.length + 1))) image.put(at, bytes);
		}
		this.#allot(image, random);
	}

	/** The length may be on the disk before the data is: zeros, then. */
	#allot(image: Content, random: Random): void {
		if (image.size < this.#seen.size && random.once(3)) image.resize(random.between(image.size, this.#seen.size));
	}
}
