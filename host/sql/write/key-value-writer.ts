/** Writes rows of `kv(key, value)` into the key-value data. */

import { Buffer } from "node:buffer";
import { Keyspace } from "../../engine/store.js";
import { WlsmError } from "../../errors.js";
import { KEY_VALUE_TABLE } from "../catalog/catalog.js";
import type { Tuple } from "../execute/operator.js";
import { textOrBlob } from "../execute/reader.js";
import type { ConflictAction } from "../parse/ast.js";
import { applyAffinity, toBlob } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { ConstraintError } from "./constraint.js";
import type { Journal } from "./journal.js";
import type { RowChanges } from "./plan.js";
import type { Conflict } from "./table-writer.js";

const MAX_KEY_BYTES = 65535;
const MAX_VALUE_BYTES = 256 * 1024 * 1024;

/** Rows are `[nothing, key, value]`, so that columns stand where they stand in rows of stored tables. */
export class KeyValueWriter implements RowChanges {
	readonly #journal: Journal;
	readonly #onConflict: ConflictAction | null;

	constructor(journal: Journal, onConflict: ConflictAction | null) {
		this.#journal = journal;
		this.#onConflict = onConflict;
	}

	announce(): void {}

	/** The only clause that ON CONFLICT can have is about the key. */
	insert(row: Tuple, onConflict: Conflict | null = null): Tuple | null {
		const stored = this.#checked(row);
		if (stored === null) return null;
		const key = this.keyOf(stored);
		const before = this.#journal.get(Keyspace.keyValue, key);
		if (before !== undefined && onConflict !== null) {
			onConflict(0, key, stored);
			return null;
		}
		if (before !== undefined && !this.#mayReplace()) return null;
		this.#journal.put(Keyspace.keyValue, key, this.#value(stored));
		return stored;
	}

	update(old: Tuple, row: Tuple): Tuple | null {
		const stored = this.#checked(row);
		if (stored === null) return null;
		const oldKey = this.keyOf(old);
		const key = this.keyOf(stored);
		const before = this.#journal.get(Keyspace.keyValue, key);
		if (Buffer.compare(oldKey, key) !== 0) {
			if (before !== undefined && !this.#mayReplace()) return null;
			this.#journal.delete(Keyspace.keyValue, oldKey);
		}
		this.#journal.put(Keyspace.keyValue, key, this.#value(stored));
		return stored;
	}

	delete(row: Tuple): boolean {
		const key = this.keyOf(row);
		this.#journal.delete(Keyspace.keyValue, key);
		return true;
	}

	deleteKey(key: Uint8Array): boolean {
		if (!this.#journal.has(Keyspace.keyValue, key)) return false;
		this.#journal.delete(Keyspace.keyValue, key);
		return true;
	}

	read(key: Uint8Array): Tuple | undefined {
		const value = this.#journal.get(Keyspace.keyValue, key);
		return value === undefined ? undefined : [null, textOrBlob(key), textOrBlob(value)];
	}

	#mayReplace(): boolean {
		if (this.#onConflict === "ignore") return false;
		if (this.#onConflict === "replace") return true;
		throw new ConstraintError("UNIQUE constraint failed: kv.key", this.#onConflict ?? "abort");
	}

	#checked(row: Tuple): Tuple | null {
		const stored: Tuple = [null, applyAffinity(row[1] ?? null, "text"), applyAffinity(row[2] ?? null, "text")];
		for (const [i, column] of KEY_VALUE_TABLE.columns.entries()) {
			if (stored[i + 1] !== null) continue;
			if (this.#onConflict === "ignore") return null;
			throw new ConstraintError(`NOT NULL constraint failed: kv.${column.name}`, this.#onConflict ?? "abort");
		}
		return stored;
	}

	keyOf(row: Tuple): Uint8Array {
		const key = toBlob(row[1] as Value) as Uint8Array; // rows that come here have a key
		if (key.length === 0 || key.length > MAX_KEY_BYTES) {
			throw new WlsmError("WLSM_INVALID_ARGUMENT", `kv.key must have 1 to ${MAX_KEY_BYTES} bytes, not ${key.length}`);
		}
		return key;
	}

	#value(row: Tuple): Uint8Array {
		const value = toBlob(row[2] as Value) as Uint8Array; // rows that come here have a value
		if (value.length > MAX_VALUE_BYTES) {
			throw new WlsmError("WLSM_INVALID_ARGUMENT", `kv.value may have ${MAX_VALUE_BYTES} bytes, not ${value.length}`);
		}
		return value;
	}
}
