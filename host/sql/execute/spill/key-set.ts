/**
 * A set of keys that is asked while it grows: in memory, and what is beyond that in sorted files. It is an LSM tree: a full
 * set in memory becomes a file, and so many files of a level one of the next. A file is read only where its filter lets the key through.
 */

import type { Execution, Run, Tuple } from "../operator.js";
import { pulled } from "../operator.js";
import { stoppable } from "../stop.js";
import type { SpillSpace } from "./file.js";
import { hashOf, KeyFilter } from "./key-filter.js";
import { keyBytes } from "./size.js";
import { SortedFile } from "./sorted-file.js";
import { merge } from "./sorter.js";

type Key = string | number | bigint | null;

/** So many files of a level become one of the next: each key is written once a level. */
const FILES_PER_LEVEL = 8;
/** Of each file: there are several, and keys that are looked for lie anywhere. */
const KEPT_STRETCHES = 2;

interface KeyFile {
	readonly level: number;
	readonly keys: SortedFile;
	readonly filter: KeyFilter;
}

/** To be closed. */
export class KeySet {
	readonly #space: SpillSpace | undefined;
	readonly #compareTexts: (a: string, b: string) => number;
	readonly #compare: (a: Tuple, b: Tuple) => number;
	readonly #keys = new Set<Key>();
	#bytes = 0;
	#files: KeyFile[] = [];

	constructor(run: Execution) {
		this.#space = run.spill;
		this.#compareTexts = stoppable(compareTexts, run);
		this.#compare = ([a], [b]) => this.#compareTexts(a as string, b as string);
	}

	/** Whether it was not there. */
	add(key: Key): boolean {
		if (this.#files.length > 0 && !this.#keys.has(key) && this.#isInFile(textOf(key))) return false;
		const { size } = this.#keys;
		this.#keys.add(key);
		if (this.#keys.size === size) return false;
		if (this.#space !== undefined) {
			this.#bytes += keyBytes(key);
			if (this.#bytes > this.#space.budgetBytes) this.#spill(this.#space);
		}
		return true;
	}

	close(): void {
		this.#keys.clear();
		for (const { keys } of this.#files) keys.close();
		this.#files = [];
	}

	#isInFile(text: string): boolean {
		const hash = hashOf(text);
		return this.#files.some(({ keys, filter }) => filter.mayHave(hash) && keys.has([text]));
	}

	#spill(space: SpillSpace): void {
		const texts = Array.from(this.#keys, textOf);
		this.#keys.clear();
		this.#bytes = 0;
		texts.sort(this.#compareTexts);
		this.#files.push(this.#write(rowsOfTexts(texts), texts.length, 0, space));
		this.#mergeLevels(space);
	}

	#mergeLevels(space: SpillSpace): void {
		for (let level = 0; ; level++) {
			const merged = this.#files.filter((file) => file.level === level);
			if (merged.length < FILES_PER_LEVEL) return;
			const runs = merged.map(({ keys }) => keys.read());
			const count = merged.reduce((sum, { keys }) => sum + keys.count, 0);
			const file = this.#write(rowsOf(merge(runs, this.#compare)), count, level + 1, space);
			for (const { keys } of merged) keys.close();
			this.#files = [...this.#files.filter((other) => other.level !== level), file];
		}
	}

	#write(rows: Iterator<Tuple>, count: number, level: number, space: SpillSpace): KeyFile {
		const filter = new KeyFilter(count);
		const filtered = pulled(addedTo(filter, rows));
		return { level, keys: new SortedFile(filtered, this.#compare, space, KEPT_STRETCHES), filter };
	}
}

function* addedTo(filter: KeyFilter, rows: Iterator<Tuple>): Generator<Tuple> {
	for (let step = rows.next(); step.done !== true; step = rows.next()) {
		filter.add(hashOf(step.value[0] as string));
		yield step.value;
	}
}

function* rowsOfTexts(texts: readonly string[]): Generator<Tuple> {
	for (const text of texts) yield [text];
}

const BATCH_ROWS = 64;

function* rowsOf(run: Run): Generator<Tuple> {
	for (let batch = run.next(BATCH_ROWS); batch !== undefined; batch = run.next(BATCH_ROWS)) yield* batch;
}

/** The key as a text that no other key has, and that can be written: half a surrogate pair could not. */
function textOf(key: Key): string {
	// None begins with an exclamation mark.
	const text = String(key);
	return /\p{Surrogate}/u.test(text) ? `!${JSON.stringify(text)}` : text;
}

/** By their UTF-16 units: any order would do. */
function compareTexts(a: string, b: string): number {
	return a < b ? -1 : a === b ? 0 : 1;
}
