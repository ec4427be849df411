import { invalid, show } from "../../csv/failure.js";
import { columnNames, findColumn } from "../../csv/header.js";
import { BadLine } from "./members.js";

/** More would be keys that are data themselves. */
const MAX_KEYS = 10_000;

/** The keys that have been seen, in the order in which they came: the columns. */
export class JsonKeys {
	readonly #indexes = new Map<string, number>();
	readonly #names: string[] = [];
	readonly #allowed: readonly string[] | undefined;

	/** `allowed`: the only columns that there can be, those of a table that is there. */
	constructor(allowed: readonly string[] | undefined) {
		this.#allowed = allowed;
	}

	/** The column of a key. Throws `BadLine` where there cannot be one. */
	indexOf(key: string): number {
		return this.#indexes.get(key) ?? this.#add(key);
	}

	get count(): number {
		return this.#names.length;
	}

	/** The columns' names: as the table has them, or as a header would give them. */
	names(): string[] {
		return this.#allowed === undefined ? columnNames(this.#names) : [...this.#names];
	}

	#add(key: string): number {
		const name = this.#allowed === undefined ? key : this.#allowed[findColumn(this.#allowed, key)];
		if (name === undefined) throw new BadLine(`the table has no column ${show(key)}`);
		// Another spelling of a column that is there already.
		const known = this.#allowed === undefined ? -1 : this.#names.indexOf(name);
		const index = known === -1 ? this.#names.push(name) - 1 : known;
		if (this.#names.length > MAX_KEYS) {
			throw invalid(
				`There are more than ${MAX_KEYS} different keys, too many for columns: are the keys data themselves?`,
			);
		}
		this.#indexes.set(key, index);
		return index;
	}
}
