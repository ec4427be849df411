import { suite } from "uvu";
import * as assert from "uvu/assert";
import { acquireLock } from "../../host/engine/lock.js";
import type { ProcessEnvironment } from "../../host/storage/index.js";
import { NAME_MODELS, type Survival } from "../support/disk/names.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { Random } from "../support/random.js";
import { crashCampaign } from "./crash.js";
import { expectClean } from "./expect-clean.js";

/* More of them: npm run test:reliability -- crash */
const crash = suite("power cuts");

crash(`${crashCampaign.short} disks that may be found after one`, async () => {
	const { counts } = await expectClean(crashCampaign);
	assert.ok((counts.cuts ?? 0) > 450);
	assert.ok((counts["second cuts"] ?? 0) > 220);
});

/** The process `pid` of a machine that has been started `boots` times; nobody else runs on it. */
function machine(boots: number, pid: number): ProcessEnvironment {
	return {
		pid,
		hostname: "alpha",
		startTime: "1",
		bootId: `boot-${boots}`,
		pidNamespace: "pid:[1]",
		stateOf: (other) => (other === pid ? { alive: true, startTime: "1" } : { alive: false }),
		identify: () => ({ path: "/db", inode: "7" }),
	};
}

crash("a lock whose holder's machine lost power is taken over, whatever is left of it", () => {
	const random = new Random(1);
	for (const model of NAME_MODELS) {
		for (let at = 1; at < 12; at++) {
			for (let image = 0; image < 40; image++) {
				const disk = new SimulatedDisk();
				disk.makeDirectory("/db");
				disk.syncDirectory("/");
				disk.cutAt = disk.changes + at;
				try {
					acquireLock(disk, "/db", machine(1, 10)).release();
				} catch {
					// The power went.
				}
				const survival: Survival = {
					model,
					names: random.pick(["lost", "kept", "some"]),
					data: random.pick(["lost", "kept", "torn"]),
				};
				const found = disk.afterCut(survival, random);
				const lock = acquireLock(found, "/db", machine(2, 10));
				assert.ok(found.exists("/db/LOCK"));
				lock.release();
				assert.not(found.exists("/db/LOCK"));
			}
		}
	}
});

crash.run();
