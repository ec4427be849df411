/** Every command on a database that is not as it should be, or cannot be reached: a documented exit code, and what to do. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Access } from "../../cli/database.js";
import { openSync } from "../../host/index.js";
import { manifestSeed, resealHeader } from "../support/forge.js";
import { commandsWithDatabase, each, isTold, type Tried } from "./every-command.js";
import { inDirectories } from "./process.js";

interface Expected {
	readonly exitCode: number;
	readonly says: RegExp;
}

/** What a command that reads, and one that writes, come to; undefined where it works. */
interface Condition {
	readonly name: string;
	/** Makes what lies at `db` in the directory, which has `rows.csv`; false where that cannot be had here. */
	begin(cwd: string): boolean;
	end?(cwd: string): void;
	readonly reads: Expected | undefined;
	readonly writes: Expected;
	/** Of those that make a database where there is none, if it differs. */
	readonly creates?: Expected | undefined;
	/** Of `repair`, which needs no sound database, if it differs from `writes`. */
	readonly repairs?: Expected | undefined;
}

function made(cwd: string, name = "db"): string {
	const directory = path.join(cwd, name);
	const db = openSync(directory);
	db.putSync("k", "v");
	db.closeSync();
	return directory;
}

/** A file system of a megabyte in memory, with a database: takes root, on Linux. */
function mounted(cwd: string): boolean {
	const place = path.join(cwd, "mount");
	mkdirSync(place);
	if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place]).status !== 0) return false;
	made(cwd, "mount/db");
	return true;
}

function unmount(cwd: string): void {
	spawnSync("umount", [path.join(cwd, "mount")]);
}

const fileInTheWay: Expected = { exitCode: 4, says: /ENOTDIR.*A file stands where a directory should be.*check --db/ };
const newer: Expected = { exitCode: 2, says: /has format version \d+; .*Upgrade wlsm/ };
const refused: Expected = { exitCode: 4, says: /db.*EACCES.*Check whose it is, and what its permissions are/ };
const readOnly: Expected = {
	exitCode: 4,
	says: /Cannot lock the database \S+mount\/db: EROFS.*The file system is read-only/,
};
const full: Expected = {
	exitCode: 4,
	says: /Cannot lock the database \S+mount\/db: ENOSPC.*The disk is full: make room/,
};
const absent: Expected = { exitCode: 1, says: /There is no database in \S+db\. Check --db/ };

const conditions: readonly Condition[] = [
	{
		name: "there is none",
		begin: () => true,
		reads: absent,
		writes: absent,
		creates: undefined,
		repairs: { exitCode: 1, says: /There is nothing of a database in \S+db/ },
	},
	{
		name: "it is a file",
		begin(cwd) {
			writeFileSync(path.join(cwd, "db"), "not a database");
			return true;
		},
		end: (cwd) => assert.is(readFileSync(path.join(cwd, "db"), "utf8"), "not a database"),
		reads: fileInTheWay,
		writes: fileInTheWay,
	},
	{
		name: "it is of a newer format",
		begin(cwd) {
			const directory = made(cwd);
			const name = readdirSync(directory).find((file) => file.startsWith("MANIFEST")) as string;
			const bytes = readFileSync(path.join(directory, name));
			bytes.writeUInt32LE(bytes.readUInt32LE(8) + 1, 8);
			resealHeader(bytes, manifestSeed(Number(name.slice("MANIFEST-".length))));
			writeFileSync(path.join(directory, name), bytes);
			return true;
		},
		reads: newer,
		writes: newer,
	},
	{
		name: "it is damaged",
		begin(cwd) {
			writeFileSync(path.join(made(cwd), "CURRENT"), "nonsense");
			return true;
		},
		reads: { exitCode: 3, says: /CURRENT.*Restore it from a backup or a checkpoint, or repair the database/ },
		writes: { exitCode: 3, says: /CURRENT.*Restore it from a backup or a checkpoint, or repair the database/ },
		repairs: undefined,
	},
	{
		name: "another process has it",
		begin(cwd) {
			writer = openSync(path.join(cwd, "db"));
			writer.putSync("k", "v");
			return true;
		},
		end: () => writer?.closeSync(),
		reads: undefined,
		writes: {
			exitCode: 4,
			says: new RegExp(`is in use by the process with pid ${process.pid} .*commands that only read`),
		},
	},
	{
		name: "nobody may look into it",
		begin(cwd) {
			// The superuser may do all.
			const isSuperuser = process.getuid?.() === 0;
			chmodSync(made(cwd), isSuperuser ? 0o700 : 0o000);
			return !isSuperuser;
		},
		end: (cwd) => chmodSync(path.join(cwd, "db"), 0o700),
		reads: refused,
		writes: refused,
	},
	{
		name: "its file system is read-only",
		begin(cwd) {
			if (!mounted(cwd)) return false;
			return spawnSync("mount", ["-o", "remount,ro", path.join(cwd, "mount")]).status === 0;
		},
		end: unmount,
		reads: undefined,
		writes: readOnly,
	},
	{
		name: "its disk is full",
		begin(cwd) {
			if (!mounted(cwd)) return false;
			const ballast = path.join(cwd, "mount/ballast");
			writeFileSync(ballast, "");
			const block = Buffer.alloc(4096);
			try {
				for (;;) writeFileSync(ballast, block, { flag: "a" });
			} catch {
				// Now it is.
			}
			return true;
		},
		end(cwd) {
			rmSync(path.join(cwd, "mount/ballast"));
			const db = openSync(path.join(cwd, "mount/db"), { createIfMissing: false });
			assert.is(db.getSync("k"), "v");
			db.putSync("k", "there is room again");
			db.closeSync();
			unmount(cwd);
		},
		reads: undefined,
		writes: full,
	},
];

let writer: ReturnType<typeof openSync> | undefined;

function expectedOf({ words, access }: Tried, condition: Condition): Expected | undefined {
	const kind =
		words[0] === "repair" ? "repairs" : access === "read" ? "reads" : access === "create" ? "creates" : "writes";
	return kind in condition ? condition[kind] : condition.writes;
}

const isRepair = ({ words }: Tried) => words[0] === "repair";

const test = suite<{ cwd: string }>("command line: databases that cannot be used");
inDirectories(test);

for (const condition of conditions) {
	test(condition.name, async ({ cwd }) => {
		writeFileSync(path.join(cwd, "rows.csv"), "a,b\n1,2\n");
		if (!condition.begin(cwd)) {
			condition.end?.(cwd);
			return;
		}
		const isMounted = statSync(path.join(cwd, "mount"), { throwIfNoEntry: false }) !== undefined;
		const of = (access: Access) => commandsWithDatabase.filter((one) => one.access === access && !isRepair(one));
		// What makes a database, or a sound one of it, comes last.
		const repair = commandsWithDatabase.filter(isRepair);
		const [first, last] = condition.repairs === undefined ? [[], repair] : [repair, []];
		const tried = [...of("read"), ...of("change"), ...first, ...of("create"), ...last];
		const lines = tried.map(({ words }) => [...words, "--db", isMounted ? "mount/db" : "db"]);
		try {
			await each(lines, cwd, (outcome, what, at) => {
				const expected = expectedOf(tried[at] as Tried, condition);
				isTold(outcome, [expected?.exitCode ?? 0], what);
				if (expected !== undefined) assert.match(outcome.stderr, expected.says, what);
			});
		} finally {
			condition.end?.(cwd);
		}
	});
}

test.run();
