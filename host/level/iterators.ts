import { AbstractIterator, AbstractKeyIterator, AbstractValueIterator } from "abstract-level";
import type { Format } from "./formats.js";
import type { Scan } from "./scan.js";

/** What the three iterators of abstract-level have in common. */
interface Iterating {
	readonly limit: number;
	readonly count: number;
}

// Their declared classes are generic, which a class made of one cannot be; what they answer is declared by WlsmLevel.
type Iterator = new (db: object, options: object) => Iterating;

/** An iterator over a scan. */
type ScanIterator = new (db: object, options: object, scan: Scan<unknown>) => Iterating;

function reading(Base: Iterator): ScanIterator {
	return class extends Base {
		readonly #scan: Scan<unknown>;

		constructor(db: object, options: object, scan: Scan<unknown>) {
			super(db, options);
			this.#scan = scan;
		}

		/** @internal */
		_next(): unknown {
			return this.#scan.next(this.limit - this.count);
		}

		/** @internal */
		_nextv(size: number): Promise<unknown[]> {
			return this.#scan.nextMany(size);
		}

		/** @internal */
		_all(): Promise<unknown[]> {
			return this.#scan.nextMany(this.limit - this.count);
		}

		/** @internal */
		_seek(target: unknown, options: { readonly keyEncoding: Format }): void {
			this.#scan.seek(target, options.keyEncoding);
		}

		/** @internal */
		async _close(): Promise<void> {
			this.#scan.close();
		}
	};
}

export const LevelIterator = reading(AbstractIterator as unknown as Iterator);
export const LevelKeyIterator = reading(AbstractKeyIterator as unknown as Iterator);
export const LevelValueIterator = reading(AbstractValueIterator as unknown as Iterator);
