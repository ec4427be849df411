import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import { PowerCut } from "../support/disk/fault.js";
import { NAME_MODELS, type Survival } from "../support/disk/names.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { Random } from "../support/random.js";
import type { Campaign } from "./campaign.js";
import { checkCopies, reopened } from "./check.js";
import { History } from "./history.js";
import { type Ledger, Violation } from "./ledger.js";
import { runWorkload } from "./workload.js";
import { nameOf, openIn, type World, worldOf } from "./world.js";

/** So many worlds at least, each cut at every operation: both kernels, jobs on the calling thread and beside it. */
const WORLDS = 4;

/** From so many cases on several images of each cut are looked at. */
const MANY = 10_000;
/** With fewer every second operation is cut at. */
const FEW = 2_000;

/** Cuts the power at every operation of workloads that changes something, and looks at several disks that may be found then. */
export const crashCampaign: Campaign = {
	name: "crash",
	unit: "crash images",
	full: 24_000,
	short: 1_200,
	async run(ledger, cases, seed) {
		const images = cases >= MANY ? 4 : 1;
		for (let world = seed; world < seed + WORLDS || ledger.cases < cases; world++) {
			await sweep(ledger, worldOf(world), images, cases < FEW ? 2 : 1);
		}
	},
};

/** A survival for each image of a cut; of several the first says that as little as possible is left. */
export function survivals(random: Random, count: number): Survival[] {
	const some = (): Survival => ({
		model: random.pick(NAME_MODELS),
		names: random.pick(["lost", "kept", "some", "some", "some"]),
		data: random.pick(["lost", "kept", "torn", "mixed", "mixed"]),
	});
	const least: Survival = { model: random.pick(NAME_MODELS), names: "lost", data: "lost" };
	return [count > 1 || random.once(3) ? least : some(), ...Array.from({ length: count - 1 }, some)];
}

export function said({ model, names, data }: Survival): string {
	return `${model}, names ${names}, data ${data}`;
}

/** Cuts at every `step`-th operation of one workload; each image twice, the second time with another cut while it is recovered. */
export async function sweep(ledger: Ledger, world: World, images: number, step: number): Promise<void> {
	const probe = new SimulatedDisk();
	await runWorkload(world, probe, new History());
	ledger.count("workloads");
	// Turns of the event loop come by the clock: one run may need a few operations more than another.
	for (let at = 1 + (world.seed % step), ended = false; !ended; at += step) {
		const history = new History();
		const disk = new SimulatedDisk();
		disk.cutAt = at;
		ended = await survived(() => runWorkload(world, disk, history));
		if (ended) break;
		ledger.count("cuts");
		const random = new Random(world.seed * 100_000 + at);
		if (images > 1 || random.once(4)) await killed(ledger, world, at, random);
		for (const survival of survivals(random, images)) {
			const name = () => `${nameOf(world)}, cut at ${at}, ${said(survival)}`;
			await ledger.case(name, () => recover(world, disk.afterCut(survival, random), history, random));
			const image = disk.afterCut(survival, random);
			image.cutAt = 1 + random.below(random.pick([4, 12, 30]));
			const [next] = survivals(random, 1) as [Survival];
			const twice = () => `${name()}, then at ${image.cutAt} of the recovery, ${said(next)}`;
			await ledger.case(twice, async () => {
				if (!(await survived(() => openIn(world, image).closeSync()))) ledger.count("second cuts");
				await recover(world, image.afterCut(next, random), history, random);
			});
		}
	}
}

/**
 * The process is killed at the operation: what it did is all in the system's cache. The next one goes on, and then the power
 * goes: what that one was promised must not count on what the first one never synced.
 */
async function killed(ledger: Ledger, world: World, at: number, random: Random): Promise<void> {
	const history = new History();
	const disk = new SimulatedDisk();
	disk.cutAt = at;
	await survived(() => runWorkload(world, disk, history));
	disk.cutAt = Number.POSITIVE_INFINITY;
	const [survival] = survivals(random, 2) as [Survival];
	ledger.count("kills before the cut");
	await ledger.case(
		() => `${nameOf(world)}, killed at ${at}, then ${said(survival)}`,
		async () => {
			const db = reopened(() => openIn(world, disk));
			history.resumed([...db.entries()], "acknowledged");
			const done = history.tried((state) => void state.set("next", "1"));
			db.putSync("next", "1", { sync: true });
			done(true);
			await recover(world, disk.afterCut(survival, random), history, random);
		},
	);
}

/** Whether the work came to its end; false where the power went. Any other failure is thrown. */
export async function survived(work: () => Promise<void> | void): Promise<boolean> {
	try {
		await work();
		return true;
	} catch (error) {
		let cause: unknown = error;
		while (cause instanceof WlsmError && cause.cause !== undefined) cause = cause.cause;
		// What was thrown in the background comes as plain data.
		if (cause instanceof PowerCut || /the power/.test((cause as Error).message)) return false;
		throw error;
	}
}

/** The database opens, holds what it must, is sound, and goes on, also over another cut. */
async function recover(world: World, disk: SimulatedDisk, history: History, random: Random): Promise<void> {
	const db = reopened(() => openIn(world, disk));
	history.check([...db.entries()], "durable");
	assert.equal((await db.verify()).problems, []);
	checkCopies(world, disk, history);
	await goOn(db);
	await db.close();
	const [survival] = survivals(random, 1) as [Survival];
	const again = reopened(() => openIn(world, disk.afterCut(survival, random)));
	if (again.getSync("after") !== "1") throw new Violation("lost", "what was written after the recovery is gone");
	again.closeSync();
}

async function goOn(db: Database): Promise<void> {
	db.batchSync([{ type: "put", key: "after", value: "1" }], { sync: true });
	await db.compact();
}
