import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers";
import { WlsmError } from "../errors.js";
import type { Engine } from "./engine.js";
import { corruption, guard } from "./failure.js";
import { parseFileName, walName } from "./files.js";
import { LogReader } from "./log.js";
import { Manifest, walIdentity } from "./manifest.js";
import { listFiles } from "./recovery.js";
import { TableFile } from "./table-file.js";
import { differingFigures, TableCount, TableReader } from "./table-reader.js";
import { scanTable } from "./table-scan.js";

/** What is wrong with a file. */
export interface Problem {
	/** Its path. */
	readonly file: string;
	/** Where in the file, as far as it is known. */
	readonly offset?: number;
	/** What is wrong, as a sentence. */
	readonly message: string;
}

/** What `verify` found. */
export interface VerifyReport {
	/** Nothing is wrong. */
	readonly ok: boolean;
	/** What is. */
	readonly problems: readonly Problem[];
	/** Tables that were read. */
	readonly tables: number;
	/** Their sizes together. */
	readonly bytes: number;
}

/** Checks every file of an open database. Damage is reported; only a failure to look throws. Other work may go on meanwhile. */
export async function verifyEngine(engine: Engine): Promise<VerifyReport> {
	const problems: Problem[] = [];
	const report = (file: string, error: unknown) => {
		if (!(error instanceof WlsmError) || error.code !== "WLSM_CORRUPTION") throw error;
		const { offset, message } = error;
		problems.push({ file: error.file ?? file, ...(offset === undefined ? {} : { offset }), message });
	};
	const check = (file: string, action: () => void) => {
		try {
			action();
		} catch (error) {
			report(file, error);
		}
	};
	const { storage, directory, kernel } = engine;
	let tables = 0;
	let bytes = 0;
	check(directory, () => Manifest.recover(storage, directory, kernel).close());
	if (!engine.readOnly) {
		// A reader has read the logs at its opening; since then they are the writer's.
		check(directory, () => verifyLogs(engine));
		for (const name of leftovers(engine)) check(directory, () => checkNotNeeded(engine, name));
	}
	// Kept, so that no compaction takes a table away before its turn.
	const superversion = engine.superversion.retain();
	engine.readStarted();
	try {
		for (const level of superversion.levels) {
			for (const table of level) {
				tables += 1;
				bytes += table.description.size;
				check(table.path, () => verifyTable(engine, table));
				check(table.path, () => verifyFigures(engine, table, (error) => report(table.path, error)));
				await new Promise((resolve) => {
					setImmediate(resolve);
				});
			}
		}
	} finally {
		superversion.release();
		engine.readEnded();
	}
	return { ok: problems.length === 0, problems: withoutDuplicates(problems), tables, bytes };
}

/** Two ways of reading find the same damage. */
function withoutDuplicates(problems: readonly Problem[]): Problem[] {
	const seen = new Set<string>();
	return problems.filter(({ file, offset, message }) => {
		const key = offset === undefined ? `${file}: ${message}` : `${file} ${offset}`;
		return seen.size !== seen.add(key).size;
	});
}

/** Reads a table from the disk once more, past the cache, block by block. */
function verifyTable(engine: Engine, table: TableFile): void {
	const { kernel, files } = engine;
	// What it needs is read by the file that is open: the path of a reader's table may be gone.
	scanTable(kernel, new TableFile(files, kernel, table.path, table.description), table);
}

/** Reads a table without the kernel, and compares what is there with what its properties and the manifest say. */
function verifyFigures(engine: Engine, { path, description }: TableFile, report: (error: WlsmError) => void): void {
	let reader: TableReader;
	try {
		reader = new TableReader(engine.storage, engine.kernel, path);
	} catch (error) {
		// A writer takes a reader's table out of the directory at any moment; what the reader holds open has been read above.
		if (engine.readOnly && !engine.storage.exists(path)) return;
		throw error;
	}
	try {
		for (const error of reader.damage) report(error);
		const count = new TableCount();
		let whole = true;
		for (const block of reader.blocks()) {
			if (block instanceof WlsmError) report(block);
			else if (!count.add(block)) throw corruption(path, undefined, "entries are out of order");
			whole &&= !(block instanceof WlsmError);
		}
		if (!count.addRanges(reader.rangeDeletions ?? [])) throw corruption(path, undefined, "range deletions overlap");
		const { properties } = reader;
		if (!whole || properties === undefined || reader.rangeDeletions === undefined) return;
		const tail = { size: reader.size, tailLength: reader.size - reader.tailOffset };
		const said = [
			...differingFigures(count.figures, properties).map((name) => `its properties say another ${name} than it has`),
			...differingFigures(description, properties).map((name) => `the manifest says another ${name} than it has`),
			...(["size", "tailLength"] as const).flatMap((name) =>
				description[name] === tail[name] ? [] : [`the manifest says another ${name} than it has`],
			),
		];
		for (const what of new Set(said)) report(corruption(path, undefined, what));
	} finally {
		reader.close();
	}
}

/** Every log that is still needed: sound to its end, and all operations from the tables' last to the database's last there. */
function verifyLogs(engine: Engine): void {
	const { storage, directory, kernel, manifest } = engine;
	const { databaseId, firstLog, flushedSequence } = manifest.state;
	const present = listFiles(storage, directory).flatMap((file) => (file.kind === "wal" ? [file.number] : []));
	const numbers = [...new Set([...present.filter((number) => number >= firstLog), engine.log.number])];
	let last = flushedSequence;
	for (const number of numbers.sort((a, b) => a - b)) {
		const path = storage.join(directory, walName(number));
		if (!storage.exists(path)) throw corruption(path, undefined, "the log is missing");
		const identity = walIdentity(kernel, databaseId, number);
		const reader = guard("open", path, () => new LogReader(storage.openRead(path), kernel, identity));
		try {
			last = guard("read", path, () => verifyLog(reader, flushedSequence, last));
		} finally {
			reader.close();
		}
	}
	if (last === engine.lastSequence) return;
	const path = storage.join(directory, walName(engine.log.number));
	throw corruption(path, undefined, `the logs end with operation ${last}, the database with ${engine.lastSequence}`);
}

/** A log that goes on after operation `last`; answers the number of its own last one. */
function verifyLog(reader: LogReader, flushedSequence: number, last: number): number {
	const { path } = reader;
	let newest = last;
	if (!reader.readHeader()) throw corruption(path, 0, "the header of the log is damaged");
	for (let record = reader.next(); record !== undefined; record = reader.next()) {
		const entries = record.buffer.batchCount(record.at);
		if (entries < 0) throw corruption(path, record.offset, "the record's operations are malformed");
		const end = record.sequence + entries - 1;
		if (end <= flushedSequence) continue;
		if (record.sequence !== newest + 1) throw corruption(path, record.offset, "records before this one are missing");
		newest = end;
	}
	if (reader.torn) throw corruption(path, reader.offset, "the log is damaged");
	return newest;
}

/** Tables that no level holds, and logs that no recovery would read. */
function leftovers(engine: Engine): string[] {
	const { storage, directory, manifest } = engine;
	return listFiles(storage, directory).flatMap((file) => {
		if (file.kind === "table") {
			const { unnamed } = engine.ingestions;
			return manifest.state.tables.has(file.number) || unnamed.has(file.number) ? [] : [file.name];
		}
		return file.kind === "wal" && file.number < manifest.state.firstLog ? [file.name] : [];
	});
}

/** A leftover must not hold what the database should: operations after its last one mean that it is an earlier state. */
function checkNotNeeded(engine: Engine, name: string): void {
	const { storage, directory, kernel, manifest } = engine;
	const path = storage.join(directory, name);
	const file = parseFileName(name);
	let newest = 0;
	try {
		if (file?.kind === "wal") {
			const identity = walIdentity(kernel, manifest.state.databaseId, file.number);
			const reader = new LogReader(storage.openRead(path), kernel, identity);
			try {
				if (!reader.readHeader()) return;
				for (let record = reader.next(); record !== undefined; record = reader.next()) newest = record.sequence;
			} finally {
				reader.close();
			}
		} else {
			const reader = new TableReader(storage, kernel, path);
			reader.close();
			if (Buffer.compare(reader.databaseId, manifest.state.databaseId) !== 0) return;
			newest = reader.properties?.maxSequence ?? 0;
		}
	} catch {
		// Not whole, or not ours: a job that never ended leaves such a file, and nothing needs it.
		return;
	}
	if (newest <= engine.lastSequence) return;
	const what = `it holds operations up to ${newest}, and the database ends with ${engine.lastSequence} and does not name it`;
	throw corruption(path, undefined, what);
}
