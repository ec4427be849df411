import { compareBytes } from "./range.js";

/** What the choice of a compaction needs to know of a table. */
export interface PickerTable {
	readonly description: {
		readonly file: number;
		readonly size: number;
		readonly deletions: number;
		readonly rangeDeletions: number;
		/** Earliest expiry of an entry in Unix milliseconds, 0 where none expires. */
		readonly firstExpiry: number;
		readonly smallest: Uint8Array;
		readonly largest: Uint8Array;
	};
}

export interface PickerOptions {
	/** Tables of level 0 that start a compaction. */
	readonly level0Trigger: number;
	/** Bytes of level 1; each further level holds ten times as much. */
	readonly level1Bytes: number;
}

const LEVEL0_TRIGGER = 4;
/** Level 1 holds this many memtables. */
const LEVEL1_MEMTABLES = 4;

export function pickerOptions(memtableBytes: number): PickerOptions {
	return { level0Trigger: LEVEL0_TRIGGER, level1Bytes: LEVEL1_MEMTABLES * memtableBytes };
}

/** Merge the inputs of `level` with what they overlap of `target` into new tables of `target`; `move`: the one input may just change its level. */
export interface CompactionChoice<Table extends PickerTable> {
	readonly level: number;
	/** The level below, or the same one, of which tables are written anew without what is dead in them. */
	readonly target: number;
	readonly inputs: readonly Table[];
	readonly overlapping: readonly Table[];
	readonly move: boolean;
}

const LEVEL_FACTOR = 10;

export function levelTargetBytes(level: number, options: PickerOptions): number {
	return options.level1Bytes * LEVEL_FACTOR ** (level - 1);
}

function bytesOf(tables: readonly PickerTable[]): number {
	let bytes = 0;
	for (const { description } of tables) bytes += description.size;
	return bytes;
}

/** Tables of a sorted run (or of level 0) that share keys with [smallest, largest]. */
export function overlapping<Table extends PickerTable>(
	tables: readonly Table[],
	smallest: Uint8Array,
	largest: Uint8Array,
): Table[] {
	return tables.filter(
		({ description }) =>
			compareBytes(description.smallest, largest) <= 0 && compareBytes(description.largest, smallest) >= 0,
	);
}

/** The key range that tables span. */
export function spanOf(tables: readonly PickerTable[]): { smallest: Uint8Array; largest: Uint8Array } | undefined {
	let span: { smallest: Uint8Array; largest: Uint8Array } | undefined;
	for (const { description } of tables) {
		if (span === undefined) {
			span = { smallest: description.smallest, largest: description.largest };
			continue;
		}
		if (compareBytes(description.smallest, span.smallest) < 0) span.smallest = description.smallest;
		if (compareBytes(description.largest, span.largest) > 0) span.largest = description.largest;
	}
	return span;
}

/** How urgently each level wants a compaction: from 1 on it does. */
export function levelScores(levels: readonly (readonly PickerTable[])[], options: PickerOptions): number[] {
	return levels.map((tables, level) =>
		level === 0
			? tables.length / options.level0Trigger
			: level === levels.length - 1
				? 0
				: bytesOf(tables) / levelTargetBytes(level, options),
	);
}

/** The most urgent compaction, undefined where none is due. A pure function of the levels and the options. */
export function pickCompaction<Table extends PickerTable>(
	levels: readonly (readonly Table[])[],
	options: PickerOptions,
): CompactionChoice<Table> | undefined {
	const scores = levelScores(levels, options);
	const level = scores.indexOf(Math.max(...scores));
	if ((scores[level] ?? 0) < 1) return undefined;
	const tables = levels[level] ?? [];
	return chooseFrom(levels, level, level === 0 ? tables : [cheapest(tables, levels[level + 1] ?? [])]);
}

/** A compaction of the tables that share keys with the range, on the highest level that has such; undefined at the end. `now`: Unix milliseconds. */
export function pickRange<Table extends PickerTable>(
	levels: readonly (readonly Table[])[],
	from: number,
	smallest: Uint8Array | undefined,
	largest: Uint8Array | undefined,
	now: number,
): CompactionChoice<Table> | undefined {
	const expired = ({ description: { firstExpiry } }: Table) => firstExpiry !== 0 && firstExpiry <= now;
	for (let level = from; level < levels.length; level++) {
		const within = (levels[level] ?? []).filter(
			({ description }) =>
				(largest === undefined || compareBytes(description.smallest, largest) <= 0) &&
				(smallest === undefined || compareBytes(description.largest, smallest) >= 0),
		);
		if (within.length === 0) continue;
		// The last level with data has nothing below to merge it with: only what has expired there is taken out.
		if (level > 0 && levels.slice(level + 1).every((below) => below.length === 0)) {
			const inputs = within.slice(within.findIndex(expired), within.findLastIndex(expired) + 1);
			return within.some(expired) ? { level, target: level, inputs, overlapping: [], move: false } : undefined;
		}
		const choice = chooseFrom(levels, level, level === 0 ? (levels[0] ?? []) : within);
		// Who asks for a compaction wants what was deleted to be gone, which a move does not do.
		const { move, inputs } = choice;
		const dead = ({ deletions, rangeDeletions }: Table["description"]) => deletions !== 0 || rangeDeletions !== 0;
		return { ...choice, move: move && !inputs.some((table) => dead(table.description) || expired(table)) };
	}
	return undefined;
}

function chooseFrom<Table extends PickerTable>(
	levels: readonly (readonly Table[])[],
	level: number,
	inputs: readonly Table[],
): CompactionChoice<Table> {
	const span = spanOf(inputs);
	const below = span === undefined ? [] : overlapping(levels[level + 1] ?? [], span.smallest, span.largest);
	return { level, target: level + 1, inputs, overlapping: below, move: inputs.length === 1 && below.length === 0 };
}

/** The table that brings the fewest bytes of the next level along for each of its own. */
function cheapest<Table extends PickerTable>(tables: readonly Table[], next: readonly Table[]): Table {
	let best: Table | undefined;
	let bestRatio = Number.POSITIVE_INFINITY;
	for (const table of tables) {
		const { smallest, largest, size } = table.description;
		const ratio = bytesOf(overlapping(next, smallest, largest)) / size;
		if (ratio < bestRatio) {
			best = table;
			bestRatio = ratio;
		}
	}
	if (best === undefined) throw new RangeError("a level without tables has nothing to compact");
	return best;
}
