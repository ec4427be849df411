import type { Dialect } from "../csv/dialect.js";

const NONE: ReadonlySet<number> = new Set();

/** Sees the bytes on their way to csv-parser, which does not tell it: the fields of each record that are in quotes. */
export class QuotedFields {
	readonly #newline: number;
	readonly #quote: number;
	readonly #delimiter: number;
	#field = 0;
	#atStart = true;
	#inside = false;
	#quoted: Set<number> | undefined;
	#records: ReadonlySet<number>[] = [];
	#taken = 0;

	constructor({ delimiter, quote }: Dialect, newline: string) {
		this.#newline = newline.charCodeAt(0);
		this.#quote = quote === "" ? -1 : quote.charCodeAt(0);
		this.#delimiter = delimiter.charCodeAt(0);
	}

	scan(chunk: Uint8Array): void {
		for (const byte of chunk) {
			if (byte === this.#quote) {
				if (this.#atStart) {
					this.#quoted ??= new Set();
					this.#quoted.add(this.#field);
				}
				this.#inside = !this.#inside;
				this.#atStart = false;
			} else if (this.#inside) continue;
			else if (byte === this.#delimiter) {
				this.#field++;
				this.#atStart = true;
			} else if (byte === this.#newline) this.finish();
			else this.#atStart = false;
		}
	}

	/** The record, or the file, has ended. */
	finish(): void {
		this.#records.push(this.#quoted ?? NONE);
		this.#quoted = undefined;
		this.#field = 0;
		this.#atStart = true;
	}

	/** Those of the next record. Blank lines are records too. */
	take(): ReadonlySet<number> {
		const quoted = this.#records[this.#taken++] ?? NONE;
		if (this.#taken === this.#records.length) {
			this.#records = [];
			this.#taken = 0;
		}
		return quoted;
	}
}
