/** A path to a table's rows as something that runs. */

import type { ByteRange, ByteView, Keyspace } from "../../engine/store.js";
import { Keyspace as Keyspaces } from "../../engine/store.js";
import type { Bound } from "../bind/bound.js";
import type { Index } from "../catalog/table.js";
import type { RowId } from "../codec/key.js";
import { rowKey } from "../codec/key.js";
import { objectRange } from "../codec/object.js";
import type { Evaluate } from "../execute/compile.js";
import { IndexReader } from "../execute/index-scan.js";
import type { Execution, Tuple } from "../execute/operator.js";
import type { RowReader } from "../execute/reader.js";
import { KeyList } from "../execute/spill/key-list.js";
import type { Value } from "../value/value.js";
import { compileValues } from "./equal-values.js";
import { entryShape, keysOfIndex, rangeOverIndex } from "./index-range.js";
import { keyValueAccess } from "./key-value-access.js";
import { manyKeys } from "./many-keys.js";
import type { FoundPath, PathTable } from "./path.js";
import { isSingle, isWhole } from "./path.js";
import type { Point } from "./point.js";
import { pointByIndex, pointByRowId } from "./point.js";
import { oneRowId, rowIdBounds, rowIdOf } from "./rowid.js";
import { unionOf } from "./union-keys.js";

/** What a scan reads. `indirect`: entries of an index, whose values are rowids. */
export type Selection =
	| { readonly kind: "none" }
	/** `indirect`: an index says that they are there. */
	| { readonly kind: "points"; readonly keys: readonly Uint8Array[]; readonly indirect?: boolean | undefined }
	/** Ranges that do not overlap, in their order. */
	| { readonly kind: "range"; readonly ranges: readonly ByteRange[]; readonly indirect: boolean }
	/** Too many for memory. */
	| { readonly kind: "many"; open(direction: "forward" | "reverse"): SelectedParts };

/** What is read at once. */
export type PartSelection = Exclude<Selection, { readonly kind: "many" }>;

/** Parts of what a scan reads, one after the other. To be closed. */
export interface SelectedParts {
	next(): PartSelection | undefined;
	close(): void;
}

export interface Access {
	/** For EXPLAIN, without the table's name. */
	readonly describe: string;
	readonly space: Keyspace;
	/** In which order rows come. "none": key by key, each looked up when its turn comes. */
	readonly order: "key" | Index | "none";
	readonly atMostOneRow: boolean;
	/** Of a search for the one row that has this rowid: as `select` finds it; undefined where none can have it. */
	readonly rowId?: ((outer: Tuple, run: Execution) => RowId | undefined) | undefined;
	/** Of a search for one row by parameters alone: the same without a run. */
	readonly point?: Point | undefined;
	/** Where the rows are entries of an index; absent where they are those of the table. */
	readonly reader?: ((view: ByteView) => RowReader) | undefined;
	/** `outer` is the row that the scan is joined to, where its keys come from one. */
	select(run: Execution, outer: Tuple): Selection;
}

const NONE: Selection = { kind: "none" };

const NO_BYTES = new Uint8Array(0);

export type CompileFixed = (bound: Bound) => Evaluate;

export function compilePath(
	of: PathTable,
	found: FoundPath,
	compileFixed: CompileFixed,
	text: (bound: Bound) => string,
): Access {
	const { table } = of;
	const { path, used } = found;
	const described = used.map(text).join(" AND ");
	if (table.kind === "keyValue")
		return keyValueAccess(path.kind === "keys" ? path.bounds : [], compileFixed, described);
	const single = isSingle(found);
	const common = { space: Keyspaces.sql, order: "key" as const, atMostOneRow: single };
	const keyByKey = single ? ("key" as const) : ("none" as const);
	switch (path.kind) {
		case "rowIds": {
			const values = compileValues(path.equal, compileFixed, (value) => {
				const rowId = rowIdOf(value);
				return rowId === undefined ? undefined : rowKey(table.id, rowId);
			});
			return {
				...common,
				order: keyByKey,
				describe: `by primary key (${described})`,
				rowId: oneRowId(path.equal, compileFixed),
				point: pointByRowId(path.equal, table),
				select: (run, outer) => {
					const found = values(run, outer);
					if (found instanceof KeyList) return manyKeys(NO_BYTES, [found], run, (keys) => ({ kind: "points", keys }));
					if (found.length === 1) {
						const rowId = rowIdOf(found[0] as Value);
						return rowId === undefined ? NONE : { kind: "points", keys: [rowKey(table.id, rowId)] };
					}
					const rowIds = new Set(found.map(rowIdOf));
					const sorted = [...rowIds].filter((rowId) => rowId !== undefined).sort((a, b) => (a < b ? -1 : 1));
					if (sorted.length === 0) return NONE;
					return { kind: "points", keys: sorted.map((rowId) => rowKey(table.id, rowId)) };
				},
			};
		}
		case "rowIdRange": {
			const bounds = path.bounds.map(({ operator, value }) => ({ operator, value: compileFixed(value) }));
			return {
				...common,
				describe: `over a range of the primary key (${described})`,
				select: (run, outer) => {
					const range = rowIdBounds(bounds.map(({ operator, value }) => ({ operator, value: value(outer, run) })));
					if (range === undefined) return NONE;
					const { least: first, greatest: last } = range;
					const ranges = [{ gte: rowKey(table.id, first), lte: rowKey(table.id, last) }];
					return { kind: "range", ranges, indirect: false };
				},
			};
		}
		case "index": {
			const { index, isClustered } = path.index;
			const select = isWhole(path) ? keysOfIndex(path, table, compileFixed) : rangeOverIndex(path, compileFixed);
			const kind = `${path.isCovering ? "covering " : ""}index ${index.name}`;
			const shape = path.isCovering ? entryShape(path.index, of) : null;
			return {
				...common,
				order: !isClustered ? index : isWhole(path) ? keyByKey : "key",
				describe: `${describeKind(path, isClustered ? "the primary key" : kind)}${described === "" ? "" : ` (${described})`}`,
				point: pointByIndex(path, table),
				...(shape && { reader: (view: ByteView) => new IndexReader(shape, view) }),
				select,
			};
		}
		case "union": {
			const branches = path.paths.map((branch) => compilePath(of, withoutReader(branch), compileFixed, text));
			return {
				...common,
				order: "none",
				describe: `by any of ${branches.map(({ describe }) => describe.replace(/^by /, "")).join(" or ")}`,
				select: (run, outer) => {
					const selections = function* () {
						for (const branch of branches) yield branch.select(run, outer);
					};
					return unionOf(selections(), table, run);
				},
			};
		}
		default: {
			const ranges = [objectRange(table.id)];
			return { ...common, describe: "", select: () => ({ kind: "range", ranges, indirect: false }) };
		}
	}
}

function describeKind(path: FoundPath["path"] & { kind: "index" }, name: string): string {
	const { equals, ranges } = path;
	if (equals.length > 0) return `by ${name}`;
	if (ranges.length > 0) return path.index.isClustered ? `over a range of ${name}` : `by ${name}`;
	return `over ${name}`;
}

/** Only the keys of a branch's rows are asked for. */
function withoutReader(found: FoundPath): FoundPath {
	return found.path.kind === "index" ? { ...found, path: { ...found.path, isCovering: false } } : found;
}
