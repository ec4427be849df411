import { Buffer } from "node:buffer";
import type { TableDescription } from "../../kernel/contract.js";
import type { ManifestState } from "../manifest.js";
import { compareBytes } from "../range.js";
import { differingFigures } from "../table-reader.js";
import type { TableRecord } from "../version-edit.js";
import type { FoundLog, FoundManifest, FoundTable, Survey } from "./survey.js";

/** A file, or a part of one, that is not in the repaired database. */
export interface LeftOut {
	/** Its path. */
	readonly file: string;
	/** Why it is not, as a sentence. */
	readonly reason: string;
}

/** What is to become of what a survey found. */
export interface RepairPlan {
	readonly databaseId: Uint8Array;
	/** The best manifest, where any can be read. */
	readonly state: ManifestState | undefined;
	/**
	 * Whether that manifest is known to be the last word: then tables keep their levels. Otherwise nothing tells which
	 * of two tables is newer but the sequence numbers of their entries, and everything is merged by those.
	 */
	readonly trusted: boolean;
	readonly sound: readonly (FoundTable & { readonly description: TableDescription })[];
	/** Damaged, or under a wrong name: what can be read of them goes into new tables. */
	readonly salvage: readonly FoundTable[];
	readonly logs: readonly FoundLog[];
	/** Operations up to this number are in tables already. */
	readonly flushedSequence: number;
	readonly leftOut: LeftOut[];
	/** Files to set aside, by name. */
	readonly lost: Set<string>;
}

/** undefined where nothing says which database this was: there is nothing to save then. */
export function planRepair(found: Survey, pathOf: (table: number) => string): RepairPlan | undefined {
	const basis = chooseManifest(found);
	const databaseId = basis?.state.databaseId ?? mostCommonId([...found.tables, ...found.logs]);
	if (databaseId === undefined) return undefined;
	const leftOut: LeftOut[] = [];
	const lost = new Set<string>();
	const leave = ({ name, path }: { name: string; path: string }, reason: string) => {
		leftOut.push({ file: path, reason });
		lost.add(name);
	};
	const foreign = (id: Uint8Array | undefined) => id !== undefined && Buffer.compare(id, databaseId) !== 0;
	const obsolete = (table: number) => isObsolete(table, found, basis);

	const named = new Set<number>();
	const sound: (FoundTable & { readonly description: TableDescription })[] = [];
	const salvage: FoundTable[] = [];
	// Those under their own names first: of a table and its copy the copy is left out.
	const tables = [...found.tables].sort((a, b) => Number(a.file !== a.number) - Number(b.file !== b.number));
	for (const table of tables) {
		if (obsolete(table.file ?? table.number)) continue;
		if (table.file === undefined) leave(table, table.reason ?? "cannot be read");
		else if (foreign(table.databaseId)) leave(table, "belongs to another database");
		else if (named.has(table.file)) leave(table, `is a copy of table ${table.file}`);
		else {
			named.add(table.file);
			if (table.description !== undefined && table.file === table.number) {
				sound.push({ ...table, description: table.description });
			} else salvage.push(table);
			// What is left out of it is told when it has been read.
		}
	}

	const last =
		found.current ?? found.files.reduce((most, file) => Math.max(most, file.kind === "manifest" ? file.number : 0), 0);
	const trusted =
		basis?.whole === true &&
		basis.number === last &&
		levelsAreRuns(basis.state) &&
		sound.every(({ description }) => agrees(basis.state, description)) &&
		salvage.every((table) => table.file === table.number && basis.state.tables.has(table.number));
	const present = new Set(found.tables.map(({ number }) => number));
	for (const { table } of basis?.state.tables.values() ?? []) {
		if (named.has(table.file) || present.has(table.file)) continue;
		const perhaps = trusted ? "" : "; what the manifest has lost may have replaced it";
		leftOut.push({ file: pathOf(table.file), reason: `is missing; it held ${table.entries} entries${perhaps}` });
	}
	const logs = found.logs.filter((log) => {
		if (foreign(log.databaseId)) leave(log, "belongs to another database");
		return !foreign(log.databaseId);
	});
	// A log that is left over may still hold what a lost table held.
	const complete = leftOut.length === 0 && salvage.length === 0;
	const newest = trusted ? 0 : sound.reduce((most, { description }) => Math.max(most, description.maxSequence), 0);
	const flushedSequence = complete ? Math.max(basis?.state.flushedSequence ?? 0, newest) : 0;
	return { databaseId, state: basis?.state, trusted, sound, salvage, logs, flushedSequence, leftOut, lost };
}

/** Whether below level 0 the tables of a level share no keys: what its opening asks of a database. */
function levelsAreRuns({ tables }: ManifestState): boolean {
	const ordered = [...tables.values()].sort((a, b) => compareBytes(a.table.smallest, b.table.smallest));
	const ends = new Map<number, Uint8Array>();
	for (const { level, table } of ordered) {
		const end = ends.get(level);
		if (level > 0 && end !== undefined && compareBytes(end, table.smallest) >= 0) return false;
		ends.set(level, table.largest);
	}
	return true;
}

/** What CURRENT names, or the newest that says which database it is of. */
function chooseManifest({ manifests, current }: Survey): FoundManifest | undefined {
	const identified = manifests.filter((manifest) => manifest.identified);
	return identified.find(({ number }) => number === current) ?? identified[0];
}

/**
 * Whether a table is one that was merged into others, or was never finished. To take such a table for data would bring back
 * what was deleted since, for the deletion itself may have been dropped by the merge.
 */
function isObsolete(table: number, found: Survey, basis: FoundManifest | undefined): boolean {
	if (basis === undefined || basis.state.tables.has(table)) return false;
	// Numbers are never given twice: what once was removed is gone for good.
	if (found.manifests.some(({ removed }) => removed.has(table))) return true;
	if (edited(found, basis)) return false;
	// What CURRENT does not name yet, as after a repair that was interrupted, has replaced nothing.
	const counts = (manifest: FoundManifest) => found.current === undefined || manifest.number <= found.current;
	return found.manifests.some((manifest) => {
		return counts(manifest) && table < manifest.nextFile && !manifest.live.has(table);
	});
}

/**
 * Whether files that a manifest names are gone, as after edits that it has lost: then a table that it does not name may
 * hold what they held.
 */
function edited({ files }: Survey, { state }: FoundManifest): boolean {
	const present = new Set(files.flatMap((file) => ("number" in file && file.kind !== "manifest" ? [file.number] : [])));
	return (
		(state.firstLog !== 0 && !present.has(state.firstLog)) ||
		[...state.tables.keys()].some((file) => !present.has(file))
	);
}

function mostCommonId(files: readonly { readonly databaseId?: Uint8Array }[]): Uint8Array | undefined {
	const counts = new Map<string, { count: number; id: Uint8Array }>();
	for (const { databaseId: id } of files) {
		if (id === undefined) continue;
		const key = Buffer.from(id).toString("hex");
		counts.set(key, { count: (counts.get(key)?.count ?? 0) + 1, id });
	}
	return [...counts.values()].sort((a, b) => b.count - a.count)[0]?.id;
}

function agrees(state: ManifestState, description: TableDescription): boolean {
	const record: TableRecord | undefined = state.tables.get(description.file)?.table;
	if (record === undefined || record.size !== description.size || record.tailLength !== description.tailLength)
		return false;
	const { entries, deletions, minSequence, maxSequence, firstExpiry, rangeDeletions, smallest, largest } = description;
	const rest = { keyBytes: 0, valueBytes: 0, dataBlocks: 0 };
	const sequences = { minSequence, maxSequence };
	const said = { entries, deletions, rangeDeletions, ...sequences, firstExpiry, smallest, largest, ...rest };
	return differingFigures(record, said).length === 0;
}
