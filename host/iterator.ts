import type { Buffer } from "node:buffer";
import { readAscii } from "./encoding.js";
import type { ScanCursor } from "./engine/scan-cursor.js";
import { WlsmError } from "./errors.js";

/** Makes an item of an entry of a page: its key is [key, value), its value [value, end), relative to `at`. */
export type Decode<Item> = (
	bytes: Buffer,
	at: number,
	text: string | undefined,
	key: number,
	value: number,
	end: number,
) => Item;

/** Scans that are dropped without being finished are closed when the iterator is collected. */
const abandoned = new FinalizationRegistry<ScanCursor>((cursor) => cursor.close());

/**
 * A scan that is both iterable and async-iterable, over the snapshot taken when it was made. Like a generator it runs once;
 * breaking off, `return` or `close` release what it holds.
 */
export class EntryIterator<Item> implements Iterable<Item>, AsyncIterable<Item>, Disposable, AsyncDisposable {
	readonly #cursor: ScanCursor;
	readonly #decode: Decode<Item>;
	#left: number;
	#items: Item[] = [];
	#next = 0;
	/** Asynchronous steps under way, and the last of them: they are answered in their order. */
	#waiting = 0;
	#last: Promise<unknown> = Promise.resolve();

	/** @internal */
	constructor(cursor: ScanCursor, limit: number, decode: Decode<Item>) {
		this.#cursor = cursor;
		this.#decode = decode;
		this.#left = limit;
		abandoned.register(this, cursor, this);
	}

	#takePage(): void {
		const { bytes, at, length, bounds, boundsAt, count, ascii } = this.#cursor.page;
		const text = ascii ? readAscii(bytes, at, length) : undefined;
		const decode = this.#decode;
		const items = new Array<Item>(count);
		let key = bounds[boundsAt] as number;
		for (let index = 0; index < count; index++) {
			const value = bounds[boundsAt + 2 * index + 1] as number;
			const end = bounds[boundsAt + 2 * index + 2] as number;
			items[index] = decode(bytes, at, text, key, value, end);
			key = end;
		}
		this.#items = items;
		this.#next = 0;
		this.#left -= count;
	}

	readonly #takeFilled = (): void => this.#takePage();

	/** True where `#items` has a next one. */
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
				return { done: false, value: this.#items[this.#next++] as Item };
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
				if (this.#next < this.#items.length || this.#advanceSync()) {
					return { done: false, value: this.#items[this.#next++] as Item };
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
			this.#next < this.#items.length
				? Promise.resolve({ done: false, value: this.#items[this.#next++] as Item })
				: this.#advance();
		const iterator: AsyncIterableIterator<Item, undefined> = {
			next: () => {
				if (this.#waiting === 0 && this.#next < this.#items.length) return take();
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
		this.#items = [];
		this.#next = 0;
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}
}
