import * as assert from "uvu/assert";
import { WlsmError } from "../../host/errors.js";
import { FAULT_KINDS, type Fault, type FaultKind } from "../support/disk/fault.js";
import { NAME_MODELS } from "../support/disk/names.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { Random } from "../support/random.js";
import type { Campaign } from "./campaign.js";
import { checkCopies, reopened } from "./check.js";
import { History } from "./history.js";
import { type Ledger, Violation } from "./ledger.js";
import { runWorkload } from "./workload.js";
import { nameOf, openIn, type World, worldOf } from "./world.js";

/** Lets every operation of workloads fail, once and from then on, in every way. */
export const faultCampaign: Campaign = {
	name: "faults",
	unit: "faults",
	full: 12_000,
	short: 900,
	async run(ledger, cases, seed) {
		for (let world = seed; ledger.cases < cases; world++) {
			const probe = new SimulatedDisk();
			await runWorkload(worldOf(world), probe, new History());
			ledger.count("workloads");
			const random = new Random(world);
			// Every operation; in one way each where only some cases are asked for.
			const ways = cases >= 5000 ? 3 : 1;
			for (let at = 1; at <= probe.operations && ledger.cases < cases; at++) {
				for (let way = 0; way < ways; way++) await one(ledger, worldOf(world), at, random);
			}
		}
	},
};

async function one(ledger: Ledger, world: World, at: number, random: Random): Promise<void> {
	const fault: Fault = { at, kind: random.pick(FAULT_KINDS), lasting: random.once(3) };
	const name = () => `${nameOf(world)}, ${fault.kind} ${fault.lasting ? "from" : "at"} operation ${at}`;
	await ledger.case(name, () => suffer(ledger, world, fault, random));
}

/** Runs a workload with the fault, and judges what the caller saw and what is there afterwards. */
export async function suffer(ledger: Ledger, world: World, fault: Fault, random: Random): Promise<void> {
	const disk = new SimulatedDisk();
	disk.fault = fault;
	const history = new History();
	let failures = 0;
	const judge = (error: unknown) => {
		failures += 1;
		judgeFailure(error, disk);
	};
	// Commits that were not synced may be among the zeros.
	const promised = fault.kind === "zeroed sync" ? "durable" : "acknowledged";
	const seen = () => `${history.acknowledged} commits, ${disk.failed[0] ?? "nothing has failed"}`;
	try {
		// With the disk well again the workload goes on; where everything fails it ends.
		await runWorkload(world, disk, history, fault.lasting ? {} : { failed: judge, promised });
	} catch (error) {
		if (!fault.lasting || error instanceof Violation) throw error;
		judge(error);
	}
	if (disk.failed.length > 0) ledger.count(`failed ${callOf(disk)}`);
	if (failures > 0) ledger.count("faults that a caller was told of");
	disk.fault = undefined;
	const db = reopened(() => openIn(world, disk));
	try {
		history.resumed([...db.entries()], promised);
		assert.equal((await db.verify()).problems, []);
		checkCopies(world, disk, history);
		db.putSync("after", "1", { sync: true });
		await db.close();
	} catch (error) {
		if (error instanceof Violation) throw new Violation(error.kind, `${seen()}: ${error.message}`, { cause: error });
		throw new Error(seen(), { cause: error });
	}
	await cutAfterwards(world, disk, fault.kind, history, random);
}

/** What was durable before the fault, and what was written after it, also outlives a power cut. */
async function cutAfterwards(
	world: World,
	disk: SimulatedDisk,
	kind: FaultKind,
	history: History,
	random: Random,
): Promise<void> {
	const image = disk.afterCut({ model: random.pick(NAME_MODELS), names: "lost", data: "lost" }, random);
	const db = reopened(() => openIn(world, image));
	const entries = [...db.entries()];
	if (db.getSync("after") !== "1") throw new Violation("lost", `written after ${kind}, lost in the power cut after it`);
	history.check(
		entries.filter(([key]) => key !== "after"),
		"acknowledged",
	);
	assert.equal((await db.verify()).problems, []);
	db.closeSync();
}

function callOf({ failed }: SimulatedDisk): string {
	const call = failed[0] ?? "";
	return call.slice(0, call.lastIndexOf(" /"));
}

/** A failure is told as a WlsmError with the system's error as its cause, and only where something has failed. */
function judgeFailure(error: unknown, disk: SimulatedDisk): void {
	if (error instanceof Violation) throw error;
	if (!(error instanceof WlsmError)) throw new Violation("wrong", "an undocumented error", { cause: error });
	let cause: unknown = error;
	while (cause instanceof WlsmError) cause = cause.cause;
	const code = String((cause as { code?: unknown } | undefined)?.code);
	if (error.code !== "WLSM_IO" || !/^E[A-Z]+$/.test(code)) {
		throw new Violation("wrong", `${error.code} with cause ${code}, after ${disk.failed[0]}`, { cause: error });
	}
	if (disk.failed.length === 0) throw new Violation("wrong", "an error without a fault", { cause: error });
}
