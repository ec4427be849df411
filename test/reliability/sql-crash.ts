import * as assert from "uvu/assert";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { Random } from "../support/random.js";
import type { Campaign } from "./campaign.js";
import { reopened } from "./check.js";
import { said, survivals, survived } from "./crash.js";
import { type Ledger, Violation } from "./ledger.js";
import { contents, lastStep, newProgress, type Progress, runBank } from "./sql/bank.js";
import { nameOf, openIn, type World, worldOf } from "./world.js";

/** Both kernels, jobs on the calling thread and beside it. */
const WORLDS = 4;

/** Cuts the power at the operations of a bank's transactions in SQL: what is found is all of one moment, none too early. */
export const sqlCrashCampaign: Campaign = {
	name: "sql-crash",
	unit: "crash images of SQL databases",
	full: 6_000,
	short: 150,
	async run(ledger, cases, seed) {
		// A short run looks at some of the operations of each world.
		const stride = Math.max(1, Math.floor(2_400 / cases));
		for (let world = seed; world < seed + WORLDS || ledger.cases < cases; world++) {
			await sweep(ledger, worldOf(world), stride);
		}
	},
};

async function sweep(ledger: Ledger, world: World, stride: number): Promise<void> {
	const states: string[] = [];
	await runBank(world, new SimulatedDisk(), newProgress(), (sql) => states.push(contents(sql)));
	ledger.count("workloads");
	ledger.count("transactions", states.length);
	for (let at = 1 + (world.seed % stride), ended = false; !ended; at += stride) {
		const progress = newProgress();
		const disk = new SimulatedDisk();
		disk.cutAt = at;
		ended = await survived(() => runBank(world, disk, progress));
		if (ended) break;
		ledger.count("cuts");
		const random = new Random(world.seed * 100_000 + at);
		for (const survival of survivals(random, 2)) {
			const name = () => `${nameOf(world)}, cut at ${at}, ${said(survival)}`;
			await ledger.case(name, () => recover(ledger, world, disk.afterCut(survival, random), progress, states));
		}
	}
}

async function recover(
	ledger: Ledger,
	world: World,
	disk: SimulatedDisk,
	progress: Progress,
	states: readonly string[],
): Promise<void> {
	const db = reopened(() => openIn(world, disk));
	const step = lastStep(db.sql);
	if (step < progress.durable)
		throw new Violation("lost", `transaction ${progress.durable} is gone, ${step} is the last`);
	if (step > progress.tried)
		throw new Violation("wrong", `transaction ${step} was never made, ${progress.tried} was the last`);
	if (step >= 0 && contents(db.sql) !== states[step]) throw new Violation("torn", `not as after transaction ${step}`);
	assert.equal((await db.verify()).problems, []);
	ledger.count(step === progress.tried ? "found with the last transaction" : "found without the last transaction");
	if (step >= 0) goOn(db.sql);
	await db.close();
	const again = reopened(() => openIn(world, disk));
	if (step >= 0 && lastStep(again.sql) !== step + 1)
		throw new Violation("lost", "what was done after the recovery is gone");
	again.closeSync();
}

function goOn(sql: ReturnType<typeof openIn>["sql"]): void {
	sql.exec(`PRAGMA foreign_keys = ON; BEGIN; UPDATE step SET number = number + 1;
		INSERT INTO payment (source, target, amount) SELECT min(id), max(id), 0 FROM account; COMMIT`);
}
