import { Buffer } from "node:buffer";
import { type DecodedPage, readAscii } from "./encoding.js";
import type { ScanCursor } from "./engine/scan-cursor.js";
import { WlsmError } from "./errors.js";

/** Makes an item of an entry of a page: its key is [key, value), its value [value, end), of `text` where that is given. */
export type Decode<Item> = (page: DecodedPage, key: number, value: number, end: number) => Item;

const NO_BYTES = Buffer.alloc(0);
const NO_BOUNDS = new Uint32Array(0);

/** Scans that are dropped without being finished are closed when the iterator is collected. */
const abandoned = new FinalizationRegistry<ScanCursor>((cursor) => {
	try {
		cursor.close();
	} catch {
		// The kernel is broken, which the next call of the database says: here there is nobody to be told.
	}
});

/**
 * A scan that is both iterable and async-iterable, over the snapshot taken when it was made. Like a generator it runs once;
 * breaking off, `return` or `close` release what it holds.
 */
export class EntryIterator<Item> implements Iterable<Item>, AsyncIterable<Item>, Disposable, AsyncDisposable {
	readonly #cursor: ScanCursor;
	readonly #decode: Decode<Item>;
	/** Whether entries can be decoded from text alone. */
	readonly #fromText: boolean;
	#left: number;
	readonly #page: DecodedPage = { text: undefined, bytes: NO_BYTES };
	#bounds = NO_BOUNDS;
	#count = 0;
	#next = 0;
	/** Asynchronous steps under way, and the last of them: they are answered in their order. */
	#waiting = 0;
	#last: Promise<unknown> = Promise.resolve();

	/** @internal */
	constructor(cursor: ScanCursor, limit: number, fromText: boolean, decode: Decode<Item>) {
		this.#cursor = cursor;
		this.#decode = decode;
		this.#fromText = fromText;
		this.#left = limit;
		abandoned.register(this, cursor, this);
	}

	/** Copies the kernel's page, which any other call overwrites. */
	#takePage(): void {
		const { bytes, at, length, bounds, boundsAt, count, ascii } = this.#cursor.page;
		const page = this.#page;
		page.text = ascii && this.#fromText ? readAscii(bytes, at, length) : undefined;
		if (page.text === undefined) {
			page.bytes = Buffer.allocUnsafeSlow(length);
			bytes.copy(page.bytes, 0, at, at + length);
		}
		const numbers = 2 * count + 1;
		if (this.#bounds.length < numbers) this.#bounds = new Uint32Array(numbers);
		this.#bounds.set(bounds.subarray(boundsAt, boundsAt + numbers));
		this.#count = count;
		this.#next = 0;
		this.#left -= count;
	}

	/** The next item of the page, of which there is one. */
	#take(): Item {
		const at = 2 * this.#next++;
		const bounds = this.#bounds;
		try {
			return this.#decode(this.#page, bounds[at] as number, bounds[at + 1] as number, bounds[at + 2] as number);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	readonly #takeFilled = (): void => this.#takePage();

	/** True where the page has a next entry. */
	#advanceSync(): boolean {
		if (this.#waiting !== 0) {
			throw new WlsmError(
				"WLSM_INVALID_ARGUMENT",
				"The iterator is being read asynchronously: await that before the next synchronous step.",
			);
		}
		try {
			if (this.#left > 0 && this.#cursor.fillSync(this.#left)) {
				this.#takePage();
				return true;
			}
		} catch (error) {
			this.close();
			throw error;
		}
		this.close();
		return false;
	}

	async #advance(): Promise<IteratorResult<Item, undefined>> {
		try {
			if (this.#left > 0 && (await this.#cursor.fill(this.#left, this.#takeFilled))) {
				await this.#cursor.turns.answer(undefined, this.#count);
				// It may have been closed meanwhile.
				if (this.#next < this.#count) return { done: false, value: this.#take() };
			}
		} catch (error) {
			this.close();
			throw error;
		}
		this.close();
		return { done: true, value: undefined };
	}

	[Symbol.iterator](): IterableIterator<Item, undefined> {
		const iterator: IterableIterator<Item, undefined> = {
			next: () => {
				if (this.#next < this.#count || this.#advanceSync()) {
					return { done: false, value: this.#take() };
				}
				return { done: true, value: undefined };
			},
			return: () => {
				this.close();
				return { done: true, value: undefined };
			},
			[Symbol.iterator]: () => iterator,
		};
		return iterator;
	}

	[Symbol.asyncIterator](): AsyncIterableIterator<Item, undefined> {
		const take = (): Promise<IteratorResult<Item, undefined>> =>
			this.#next < this.#count ? Promise.resolve({ done: false, value: this.#take() }) : this.#advance();
		const iterator: AsyncIterableIterator<Item, undefined> = {
			next: () => {
				if (this.#waiting === 0 && this.#next < this.#count) return take();
				this.#waiting += 1;
				const answer = this.#last.then(take).finally(() => {
					this.#waiting -= 1;
				});
				this.#last = answer.catch(() => {});
				return answer;
			},
			return: async () => {
				this.close();
				return { done: true, value: undefined };
			},
			[Symbol.asyncIterator]: () => iterator,
		};
		return iterator;
	}

	/** Everything that is left, as an array. */
	async all(): Promise<Item[]> {
		const items: Item[] = [];
		for await (const item of this) items.push(item);
		return items;
	}

	/** Releases what the scan holds. Harmless when repeated. */
	close(): void {
		abandoned.unregister(this);
		this.#cursor.close();
		this.#left = 0;
		this.#count = 0;
		this.#next = 0;
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}
}
