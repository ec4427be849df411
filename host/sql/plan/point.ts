/** Searches for one row by parameters alone. */

import type { ByteStore } from "../../engine/store.js";
import { Keyspace } from "../../engine/store.js";
import type { StoredTable } from "../catalog/table.js";
import { IndexKeyWriter, keyOfPointer, rowKey } from "../codec/key.js";
import type { Value } from "../value/value.js";
import type { EqualCondition, IndexPart, Path } from "./path.js";
import { isWhole } from "./path.js";
import { rowIdOf } from "./rowid.js";
import { coerced } from "./selectivity.js";

export interface Point {
	/** The key of the row, as far as the store knows now; undefined where there is none. */
	readonly find: (parameters: readonly Value[], store: ByteStore) => Uint8Array | undefined;
	/** An index says that the row is there. */
	readonly isIndirect: boolean;
}

type Given = (parameters: readonly Value[]) => Value;

/** What the equality wants, where that is a parameter. */
function given({ values, coercion }: EqualCondition): Given | undefined {
	const [only, ...others] = values;
	if (only?.kind !== "parameter" || others.length > 0) return undefined;
	const { index } = only;
	return (parameters) => coerced(parameters[index] ?? null, coercion);
}

export function pointByRowId(equal: EqualCondition, { id }: StoredTable): Point | undefined {
	const value = given(equal);
	if (value === undefined) return undefined;
	const find = (parameters: readonly Value[]) => {
		const rowId = rowIdOf(value(parameters));
		return rowId === undefined ? undefined : rowKey(id, rowId);
	};
	return { find, isIndirect: false };
}

/** By all columns of a unique index. */
export function pointByIndex(path: Path & { readonly kind: "index" }, { id }: StoredTable): Point | undefined {
	const { index, isClustered, parts } = path.index;
	const values = path.equals.flatMap((equal) => given(equal) ?? []);
	if (!isWhole(path) || values.length < path.equals.length) return undefined;
	const writer = new IndexKeyWriter();
	const find: Point["find"] = (parameters, store) => {
		writer.begin(index.id);
		for (let i = 0; i < values.length; i++) {
			const value = (values[i] as Given)(parameters); // i is within
			if (value === null) return undefined;
			const { collation, descending } = parts[i] as IndexPart; // one value per part
			writer.value(value, collation, descending);
		}
		const key = writer.finish();
		if (isClustered) return key;
		const pointer = store.look(Keyspace.sql, key);
		if (pointer === undefined) return undefined;
		const { bytes, at, length } = pointer;
		return keyOfPointer(id, new Uint8Array(bytes.buffer, bytes.byteOffset + at, length));
	};
	return { find, isIndirect: !isClustered };
}
