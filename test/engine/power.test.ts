import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { type Openers, overKernels } from "../support/openers.js";
import { PowerStorage, type Survival } from "../support/power-storage.js";
import { Random } from "../support/random.js";
import { checkCopies, DIRECTORY, History, OPTIONS, runWorkload } from "../support/workload.js";

/*
 * The power goes at every operation of a workload. When it is back the database opens, every commit that was promised to
 * be durable is there, what is there is what was there at some moment, and work goes on.
 *   More images of each cut: WLSM_CUTS=50 npx uvu dist/test/engine "power\.test\.js$"
 */
const randomImages = Number(process.env.WLSM_CUTS ?? 2);
const survivals: Survival[] = ["lost", "kept", "names", "files", ...Array<Survival>(randomImages).fill("random")];

const power = suite("power cuts");

async function cut(openers: Openers, at: number, history: History): Promise<PowerStorage> {
	const storage = new PowerStorage();
	storage.cutAt = at;
	await runWorkload(openers, storage, history).catch(() => {});
	return storage;
}

async function check(openers: Openers, storage: PowerStorage, history: History, what: string): Promise<void> {
	let db: Database;
	try {
		db = openers.openStorage(storage, DIRECTORY, OPTIONS);
	} catch (error) {
		throw new Error(`${what}: it does not open: ${(error as Error).message}`, { cause: error });
	}
	const found = history.find([...db.entries()], history.durable);
	assert.ok(found !== -1, `${what}: a durable commit is gone, or one is half there`);
	assert.equal((await db.verify()).problems, [], what);
	try {
		checkCopies(openers, storage, history);
	} catch (error) {
		throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
	}
	db.batchSync([{ type: "put", key: "after", value: "1" }], { sync: true });
	await db.compact();
	await db.close();
	const again = openers.openStorage(storage.afterCut("lost", new Random(1)), DIRECTORY, OPTIONS);
	assert.is(again.getSync("after"), "1", what);
	again.closeSync();
}

overKernels(power, "at every operation, first and second time", async (openers) => {
	const probe = new PowerStorage();
	await runWorkload(openers, probe, new History());
	assert.ok(probe.operations > 150, `${probe.operations} operations`);
	const random = new Random(1);
	for (let at = 1; at <= probe.operations; at++) {
		const history = new History();
		const storage = await cut(openers, at, history);
		for (const survival of survivals) {
			const what = `cut at operation ${at}, ${survival}`;
			await check(openers, storage.afterCut(survival, random), history, what);
			// And again while it is being recovered.
			const image = storage.afterCut(survival, random);
			const second = 1 + random.below(12);
			image.cutAt = second;
			try {
				openers.openStorage(image, DIRECTORY, OPTIONS).closeSync();
			} catch {
				// The power went.
			}
			const next = random.pick(survivals);
			await check(openers, image.afterCut(next, random), history, `${what}, then at ${second} of recovery, ${next}`);
		}
	}
});

overKernels(power, "a sync that fails once and loses its pages", async (openers) => {
	const probe = new PowerStorage();
	await runWorkload(openers, probe, new History());
	let failures = 0;
	for (let at = 1; at <= probe.operations; at++) {
		const storage = new PowerStorage();
		storage.failSyncAt = at;
		const history = new History();
		const error: unknown = await runWorkload(openers, storage, history).catch((caught) => caught);
		if (error === undefined) continue;
		failures += 1;
		assert.is((error as { code?: unknown }).code, "WLSM_IO");
		await check(openers, storage, history, `the sync that is operation ${at} fails`);
	}
	assert.ok(failures > 30, `${failures} syncs`);
});

overKernels(power, "a storage that loses what is not synced is noticed by these tests", async (openers) => {
	// The same workload on a disk whose syncs do nothing: durable commits must be seen to be gone.
	class Liar extends PowerStorage {
		override sync(): void {
			super.sync(() => {});
		}
	}
	const history = new History();
	const storage = new Liar();
	await runWorkload(openers, storage, history);
	let noticed = false;
	await check(openers, storage.afterCut("lost", new Random(1)), history, "").catch(() => {
		noticed = true;
	});
	assert.ok(noticed);
});

power.run();
