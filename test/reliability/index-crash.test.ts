/* Cuts the power at every operation of CREATE INDEX and REINDEX over more rows than memory holds: all of an index is there, or nothing. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Survival } from "../support/disk/names.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { bothKernels, type KernelName } from "../support/kernels.js";
import { Random } from "../support/random.js";
import { survivals, survived } from "./crash.js";
import { DIRECTORY, openIn, type World } from "./world.js";

const test = suite("power cuts while indexes are made");

const ROWS = 1500;
/** Several runs of entries, and several tables of these. */
const OPTIONS = { sqlMemoryBytes: 1024, memtableBytes: 32 << 10 };
const FILL = `CREATE TABLE t (a, b);
	INSERT INTO t SELECT value * 7919 % ${ROWS}, 'text ' || value FROM generate_series(1, ${ROWS});
	CREATE INDEX t_b ON t (b)`;

const opened = (world: World, disk: SimulatedDisk) => openIn(world, disk, DIRECTORY, OPTIONS);

const KEPT: Survival = { model: "journal", names: "kept", data: "kept" };

async function filled(world: World): Promise<SimulatedDisk> {
	const disk = new SimulatedDisk();
	const db = opened(world, disk);
	db.sql.exec(FILL);
	await db.flush();
	await db.close();
	return disk;
}

/** Does it on a copy of the disk, with the power going at one of its changes; undefined where it came to its end. */
async function cut(
	world: World,
	filled: SimulatedDisk,
	statement: string,
	at: number,
): Promise<SimulatedDisk | undefined> {
	const disk = filled.afterCut(KEPT, new Random(0));
	const db = opened(world, disk);
	disk.cutAt = disk.changes + at;
	if (!(await survived(() => void db.sql.exec(statement)))) return disk;
	disk.cutAt = Number.POSITIVE_INFINITY;
	db.closeSync();
	return undefined;
}

async function sweep(kernel: KernelName, statement: string, stride: number): Promise<void> {
	const seen = { whole: 0, nothing: 0 };
	const world: World = { seed: 1, kernel, background: "inline" };
	const before = await filled(world);
	for (let at = 1; ; at += stride) {
		const disk = await cut(world, before, statement, at);
		if (disk === undefined) break;
		const random = new Random(at);
		// The process alone may have died, too.
		for (const survival of [KEPT, ...survivals(random, 1)]) {
			const image = disk.afterCut(survival, random);
			const db = opened(world, image);
			const indexes = db.sql.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'index'").pluck().get();
			const isWhole =
				indexes === 2 || (statement === "REINDEX" && db.sql.pragma("schema_version", { simple: true }) === 3);
			seen[isWhole ? "whole" : "nothing"]++;
			assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok");
			// Numbers of what is gone are given again: nothing of it may be found.
			db.sql.exec("CREATE INDEX t_again ON t (b, a)");
			assert.is(db.sql.pragma("integrity_check", { simple: true }), "ok");
			assert.equal((await db.verify()).problems, []);
			await db.flush();
			const tables = image.list(DIRECTORY).filter((name) => name.endsWith(".sst"));
			const { levels } = await db.stats();
			assert.is(
				tables.length,
				levels.reduce((sum, { files }) => sum + files, 0),
			);
			await db.close();
		}
	}
	assert.ok(seen.nothing > 5, JSON.stringify(seen));
	assert.ok(seen.whole > 0, JSON.stringify(seen));
}

bothKernels(test, "CREATE INDEX", (kernel) => sweep(kernel, "CREATE UNIQUE INDEX t_a ON t (a)", 2));

bothKernels(test, "REINDEX", (kernel) => sweep(kernel, "REINDEX", 1));

test.run();
