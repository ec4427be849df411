/** A way to break the engine, and the campaign that has to notice. */
export interface Mutant {
	readonly name: string;
	/** A compiled file, or one of the kernel's sources, which is compiled anew. */
	readonly file: string;
	/** Stands once in the file. */
	readonly from: string;
	readonly to: string;
	readonly campaign: "crash" | "faults" | "hostile";
	/** Cases within which it is noticed. */
	readonly cases: number;
	readonly seed?: number;
}

const OPEN = "dist/host/engine/open.js";
const JOB_RUN = "dist/host/engine/job-run.js";
const MANIFEST = "dist/host/engine/manifest.js";
const LOG_WRITER = "dist/host/engine/log-writer.js";

/** The first ones are those of which every run is made. */
export const MUTANTS: readonly Mutant[] = [
	{
		name: "no directory sync after the tables of a job",
		file: JOB_RUN,
		from: 'guard("sync", directory, () => this.#storage.syncDirectory(directory));',
		to: "",
		campaign: "crash",
		cases: 2400,
	},
	{
		name: "the manifest names a table that is not synced",
		file: "dist/host/engine/output-file.js",
		from: "this.#writer?.syncSync();",
		to: "",
		campaign: "crash",
		cases: 2400,
	},
	{
		name: "a torn tail is accepted in the middle of a log",
		file: "dist/host/engine/log.js",
		from: "if (sound !== undefined && !this.#isHole(offset, sound)) {",
		to: "if (false) {",
		campaign: "hostile",
		cases: 2000,
	},
	{
		name: "a failed sync of a log is tried again",
		file: LOG_WRITER,
		from: `            this.#file.syncSync();
        }
        catch (error) {`,
		to: `            try { this.#file.syncSync(); } catch { this.#file.syncSync(); }
        }
        catch (error) {`,
		campaign: "faults",
		cases: 4000,
	},
	{
		name: "a tombstone is dropped while lower levels hold its key, in the twin",
		file: "dist/host/kernel/ts/merge/job.js",
		from: "return this.#below.every((run) => run.tableWith(view, key, keyLength) === undefined);",
		to: "return true;",
		campaign: "crash",
		cases: 2400,
		seed: 4,
	},
	{
		name: "a tombstone is dropped while lower levels hold its key, in the module",
		file: "assembly/merge/job.ts",
		from: "for (let level = job.below; level < <u32>LEVELS; level++) {\n\t\tconst tables = levelTables(job.superversion, level);\n\t\tconst count = levelCount(job.superversion, level);\n\t\tconst position = findTable(tables, count, cursor.head",
		to: "for (let level = <u32>LEVELS; level < <u32>LEVELS; level++) {\n\t\tconst tables = levelTables(job.superversion, level);\n\t\tconst count = levelCount(job.superversion, level);\n\t\tconst position = findTable(tables, count, cursor.head",
		campaign: "crash",
		cases: 2400,
		seed: 31,
	},
	{
		name: "the entry of a new log is not synced",
		file: LOG_WRITER,
		from: "            this.#entry?.storage.syncDirectory(this.#entry.directory);\n",
		to: "",
		campaign: "crash",
		cases: 4000,
	},
	{
		name: "a log is synced without the one before it",
		file: LOG_WRITER,
		from: "            before?.syncSync();\n",
		to: "",
		campaign: "crash",
		cases: 4000,
	},
	{
		name: "CURRENT names a manifest whose entry is not synced",
		file: MANIFEST,
		from: "            storage.syncDirectory(directory);\n            storage.rename(temporary, current);\n",
		to: "            storage.rename(temporary, current);\n",
		campaign: "crash",
		cases: 4000,
	},
	{
		name: "the replaced manifest goes before CURRENT is settled",
		file: MANIFEST,
		from: "storage.rename(temporary, current);\n            storage.syncDirectory(directory);",
		to: "storage.rename(temporary, current);",
		campaign: "crash",
		cases: 12_000,
	},
	{
		name: "files go before the edit that makes them obsolete is synced",
		file: MANIFEST,
		from: 'guard("sync", writer.path, () => writer.syncSync());',
		to: "",
		campaign: "crash",
		cases: 2400,
	},
	{
		name: "the directory of a new database is not synced",
		file: "dist/host/engine/directory.js",
		from: "storage.syncDirectory(above);",
		to: "",
		campaign: "crash",
		cases: 2400,
	},
	{
		name: "what recovery read is taken for durable",
		file: LOG_WRITER,
		from: "if (durableBytes < length)\n        file.rewrite(durableBytes, length);",
		to: "",
		campaign: "faults",
		cases: 4000,
	},
	{
		name: "what an earlier process did to names is taken for durable",
		file: OPEN,
		from: 'guard("sync", directory, () => storage.syncDirectory(directory));\n            manifest.openForWriting();',
		to: "manifest.openForWriting();",
		campaign: "crash",
		cases: 12_000,
	},
	{
		name: "writing goes on after a failed write of the log",
		file: LOG_WRITER,
		from: `            this.#file.writeSync(record.bytes, record.at, record.length);
        }
        catch (error) {
            this.#failure = error;
            throw error;`,
		to: `            this.#file.writeSync(record.bytes, record.at, record.length);
        }
        catch (error) {
            return;`,
		campaign: "faults",
		cases: 4000,
	},
];
