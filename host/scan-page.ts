import { Buffer } from "node:buffer";
import { type DecodedPage, readAscii } from "./encoding.js";
import type { Page } from "./kernel/contract.js";

/** Makes an item of an entry of a page: its key is [key, value), its value [value, end), of `text` where that is given. */
export type Decode<Item> = (page: DecodedPage, key: number, value: number, end: number) => Item;

const NO_BYTES = Buffer.alloc(0);
const NO_BOUNDS = new Uint32Array(0);

/** A copy of the page that a scan was filled with last, whose entries are taken one by one. */
export class ScanPage<Item> {
	readonly #decode: Decode<Item>;
	/** Whether entries can be decoded from text alone. */
	readonly #fromText: boolean;
	readonly #page: DecodedPage = { text: undefined, bytes: NO_BYTES };
	#bounds = NO_BOUNDS;
	/** Entries of the page, and how many of them have been taken. */
	count = 0;
	next = 0;

	constructor(fromText: boolean, decode: Decode<Item>) {
		this.#fromText = fromText;
		this.#decode = decode;
	}

	/** Copies the kernel's page, which any other call overwrites. */
	fill({ bytes, at, length, bounds, boundsAt, count, ascii }: Page): void {
		const page = this.#page;
		page.text = ascii && this.#fromText ? readAscii(bytes, at, length) : undefined;
		if (page.text === undefined) {
			page.bytes = Buffer.allocUnsafeSlow(length);
			bytes.copy(page.bytes, 0, at, at + length);
		}
		const numbers = 2 * count + 1;
		if (this.#bounds.length < numbers) this.#bounds = new Uint32Array(numbers);
		this.#bounds.set(bounds.subarray(boundsAt, boundsAt + numbers));
		this.count = count;
		this.next = 0;
	}

	/** The next item, of which there is one. */
	take(): Item {
		const at = 2 * this.next++;
		const bounds = this.#bounds;
		return this.#decode(this.#page, bounds[at] as number, bounds[at + 1] as number, bounds[at + 2] as number);
	}

	clear(): void {
		this.count = 0;
		this.next = 0;
	}
}
