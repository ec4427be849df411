import { codecs, encode } from "../encoding.js";
import { compareBytes } from "../engine/range.js";
import type { ScanCursor } from "../engine/scan-cursor.js";
import type { ByteRange } from "../engine/store.js";
import { type Decode, ScanPage } from "../scan-page.js";
import { abortError, levelError } from "./errors.js";
import type { Format } from "./formats.js";

/** The part of an iterator that reads: abstract-level sees to it that one call ends before the next begins. */
export class Scan<Item> {
	readonly #cursor: ScanCursor;
	readonly #range: ByteRange;
	readonly #page: ScanPage<Item>;
	readonly #signal: AbortSignal | undefined;
	/** The last call was a seek: often one entry is wanted, and another seek follows. */
	#sought = false;

	/** Takes the cursor, which was opened over the range. */
	constructor(
		cursor: ScanCursor,
		range: ByteRange,
		decoding: { readonly fromText: boolean; readonly decode: Decode<Item> },
		signal: AbortSignal | undefined,
	) {
		this.#cursor = cursor;
		this.#range = range;
		this.#page = new ScanPage(decoding.fromText, decoding.decode);
		this.#signal = signal;
	}

	readonly #takeFilled = (): void => this.#page.fill(this.#cursor.page);

	/** False at the end. */
	async #fill(limit: number): Promise<boolean> {
		const page = this.#page;
		page.clear();
		try {
			const filled = await this.#cursor.fill(limit, this.#takeFilled);
			// Also where nothing was waited for, the event loop gets its turns.
			if (filled) await this.#cursor.turns.answer(undefined, page.count);
			if (this.#signal?.aborted) throw abortError(this.#signal);
			return filled;
		} catch (error) {
			throw levelError(error);
		}
	}

	/** The next item, of at most `limit` that are wanted. A promise only where there is none in memory. */
	next(limit: number): Item | undefined | Promise<Item | undefined> {
		const page = this.#page;
		return page.next < page.count ? page.take() : this.#nextOfPage(limit);
	}

	async #nextOfPage(limit: number): Promise<Item | undefined> {
		const wanted = this.#sought ? 1 : limit;
		this.#sought = false;
		return (await this.#fill(wanted)) ? this.#page.take() : undefined;
	}

	/** So many items, fewer only at the end. */
	async nextMany(size: number): Promise<Item[]> {
		const page = this.#page;
		const items: Item[] = [];
		do {
			while (page.next < page.count && items.length < size) items.push(page.take());
		} while (items.length < size && (await this.#fill(size - items.length)));
		return items;
	}

	/** Goes on at a key, or at the end where that is out of the range. */
	seek(target: unknown, format: Format): void {
		try {
			const key = encode(codecs[format], target, "key");
			this.#page.clear();
			this.#cursor.seek(rangeFrom(this.#range, key));
			this.#sought = true;
		} catch (error) {
			throw levelError(error);
		}
	}

	close(): void {
		this.#page.clear();
		this.#cursor.close();
	}
}

/** No key is before itself. */
function nothing(key: Uint8Array): ByteRange {
	return { gte: key, lt: key };
}

function rangeFrom(range: ByteRange, key: Uint8Array): ByteRange {
	const { gt, gte, lt, lte, reverse } = range;
	const below = (bound: Uint8Array | undefined, allowed: number) =>
		bound !== undefined && compareBytes(key, bound) < allowed;
	const above = (bound: Uint8Array | undefined, allowed: number) =>
		bound !== undefined && compareBytes(key, bound) > allowed;
	if (below(gte, 0) || below(gt, 1) || above(lte, 0) || above(lt, -1)) return nothing(key);
	return reverse === true ? { gt, gte, lte: key, reverse } : { gte: key, lt, lte };
}

/** How entries, keys or values of a page become what an iterator answers. */
export const decodings = {
	entries: (keys: Format, values: Format, wanted: { readonly keys: boolean; readonly values: boolean }) => {
		const [keyCodec, valueCodec] = [codecs[keys], codecs[values]];
		const decode: Decode<[unknown, unknown]> = (page, key, value, end) => [
			wanted.keys ? keyCodec.readPage(page, key, value) : undefined,
			wanted.values ? valueCodec.readPage(page, value, end) : undefined,
		];
		return { fromText: keyCodec.fromText && valueCodec.fromText, decode };
	},
	keys: (format: Format) => {
		const codec = codecs[format];
		const decode: Decode<unknown> = (page, key, value) => codec.readPage(page, key, value);
		return { fromText: codec.fromText, decode };
	},
	values: (format: Format) => {
		const codec = codecs[format];
		const decode: Decode<unknown> = (page, _key, value, end) => codec.readPage(page, value, end);
		return { fromText: codec.fromText, decode };
	},
};
