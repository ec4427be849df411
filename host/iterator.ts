import type { ScanCursor } from "./engine/scan-cursor.js";
import { WlsmError } from "./errors.js";
import { type Decode, ScanPage } from "./scan-page.js";

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
	readonly #page: ScanPage<Item>;
	#left: number;
	/** Asynchronous steps under way, and the last of them: they are answered in their order. */
	#waiting = 0;
	#last: Promise<unknown> = Promise.resolve();

	/** @internal */
	constructor(cursor: ScanCursor, limit: number, fromText: boolean, decode: Decode<Item>) {
		this.#cursor = cursor;
		this.#page = new ScanPage(fromText, decode);
		this.#left = limit;
		abandoned.register(this, cursor, this);
	}

	#takePage(): void {
		this.#page.fill(this.#cursor.page);
		this.#left -= this.#page.count;
	}

	/** The next item of the page, of which there is one. */
	#take(): Item {
		try {
			return this.#page.take();
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
				await this.#cursor.turns.answer(undefined, this.#page.count);
				// It may have been closed meanwhile.
				if (this.#page.next < this.#page.count) return { done: false, value: this.#take() };
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
				if (this.#page.next < this.#page.count || this.#advanceSync()) {
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
			this.#page.next < this.#page.count ? Promise.resolve({ done: false, value: this.#take() }) : this.#advance();
		const iterator: AsyncIterableIterator<Item, undefined> = {
			next: () => {
				if (this.#waiting === 0 && this.#page.next < this.#page.count) return take();
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
		this.#page.clear();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}
}
