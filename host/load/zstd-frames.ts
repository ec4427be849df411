/**
 * Watches the bytes of a zstd archive (RFC 8878) go by, and knows whether it is whole: Deno and Bun unpack one that is cut off
 * without an error, as far as it goes.
 *
 *   frame            magic 0xfd2fb528 | header | blocks | checksum of 4 bytes, where the header says so
 *   header           descriptor: bits 7-6 size of the content's length, 5 single segment, 2 checksum, 1-0 size of the
 *                    dictionary's id | window, unless there is a single segment | dictionary's id | content's length
 *   block            3 bytes: bit 0 last, 1-2 type, 3-23 size | content: one byte for type 1 (a run), else that size
 *   skippable frame  magic 0x184d2a5? | size in 4 bytes | content
 */
export class ZstdFrames {
	#state: "magic" | "descriptor" | "block" | "size" | "foreign" = "magic";
	/** Bytes to pass over before the state goes on. */
	#skip = 0;
	readonly #field = new Uint8Array(4);
	#got = 0;
	#hasChecksum = false;
	#hasBytes = false;

	/** Whether the archive may end here: behind a frame. */
	get isWhole(): boolean {
		return this.#hasBytes && this.#state === "magic" && this.#got === 0 && this.#skip === 0;
	}

	take(chunk: Uint8Array): void {
		for (let at = 0; at < chunk.length && this.#state !== "foreign"; ) {
			this.#hasBytes = true;
			if (this.#skip > 0) {
				const passed = Math.min(this.#skip, chunk.length - at);
				this.#skip -= passed;
				at += passed;
				continue;
			}
			this.#field[this.#got++] = chunk[at++] as number;
			if (this.#got === FIELD_BYTES[this.#state]) {
				this.#got = 0;
				this.#next();
			}
		}
	}

	/** A field is complete. */
	#next(): void {
		const [a = 0, b = 0, c = 0, d = 0] = this.#field;
		switch (this.#state) {
			case "magic":
				if (b === 0xb5 && c === 0x2f && d === 0xfd && a === 0x28) this.#state = "descriptor";
				else this.#state = b === 0x2a && c === 0x4d && d === 0x18 && a >> 4 === 5 ? "size" : "foreign";
				break;
			case "descriptor":
				this.#skip = headerBytesBehind(a);
				this.#hasChecksum = (a & 4) !== 0;
				this.#state = "block";
				break;
			case "block": {
				const size = (a >> 3) | (b << 5) | (c << 13);
				this.#skip = ((a >> 1) & 3) === 1 ? 1 : size;
				if ((a & 1) === 0) break;
				this.#skip += this.#hasChecksum ? 4 : 0;
				this.#state = "magic";
				break;
			}
			case "size":
				this.#skip = (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
				this.#state = "magic";
		}
	}
}

const FIELD_BYTES = { magic: 4, descriptor: 1, block: 3, size: 4, foreign: 0 } as const;

function headerBytesBehind(descriptor: number): number {
	const isSingleSegment = (descriptor & 0x20) !== 0;
	const dictionary = [0, 1, 2, 4][descriptor & 3] as number;
	const length = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
	return (isSingleSegment ? 0 : 1) + dictionary + length;
}
