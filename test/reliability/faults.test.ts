import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WlsmError } from "../../host/errors.js";
import { rejected, thrown } from "../support/database.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { overKernels } from "../support/openers.js";
import { expectClean } from "./expect-clean.js";
import { faultCampaign } from "./faults.js";
import { DIRECTORY, SMALL } from "./world.js";

/* More of them: npm run test:reliability -- faults */
const faults = suite("faults");

faults(`${faultCampaign.short} operations that fail`, async () => {
	const { counts } = await expectClean(faultCampaign);
	for (const call of ["write", "fdatasync", "fsync directory", "open", "read", "rename", "unlink", "mkdir"]) {
		assert.ok((counts[`failed ${call}`] ?? 0) > 0, call);
	}
	assert.ok((counts["faults that a caller was told of"] ?? 0) > faultCampaign.short / 2);
});

for (const call of ["write", "fdatasync"]) {
	overKernels(
		faults,
		`after a failed ${call} of the log nothing is written until it is opened again`,
		async (openers) => {
			const storage = new SimulatedDisk();
			const db = openers.openStorage(storage, DIRECTORY, SMALL);
			db.putSync("before", "1", { sync: true });
			// A commit writes, then syncs.
			const at = storage.operations + (call === "write" ? 1 : 2);
			storage.fault = { at, kind: "EIO", lasting: false };
			thrown(() => db.putSync("failing", "1", { sync: true }), "WLSM_IO");
			assert.match(storage.failed[0] ?? "", new RegExp(`^${call} .*\\.wal$`));
			storage.fault = undefined;
			// The disk is well, and yet: what a failed sync left is not known.
			for (let attempt = 0; attempt < 3; attempt++) {
				const error = thrown(() => db.putSync("later", "1"), "WLSM_IO");
				assert.match(error.message, /open it again/);
				assert.instance(error.cause, WlsmError);
				await rejected(() => db.put("later", "1", { sync: true }), "WLSM_IO");
				await rejected(() => db.transaction((tx) => tx.putSync("later", "1")), "WLSM_IO");
				await rejected(() => db.flush(), "WLSM_IO");
				await rejected(() => db.compact(), "WLSM_IO");
			}
			assert.is(db.getSync("before"), "1", "reading goes on");
			db.closeSync();
			const again = openers.openStorage(storage, DIRECTORY, SMALL);
			assert.is(again.getSync("before"), "1");
			assert.is(again.getSync("later"), undefined);
			again.putSync("later", "2");
			again.closeSync();
		},
	);
}

overKernels(faults, "commits that wait for one failing sync all fail", async (openers) => {
	const storage = new SimulatedDisk();
	const db = openers.openStorage(storage, DIRECTORY, SMALL);
	// After ten writes, which one sync is for.
	storage.fault = { at: storage.operations + 11, kind: "EIO", lasting: false };
	const all = await Promise.allSettled(
		Array.from({ length: 10 }, (_, number) => db.put(`k${number}`, "v", { sync: true })),
	);
	assert.ok(storage.failed[0]?.startsWith("fdatasync"), storage.failed[0]);
	assert.ok(all.every(({ status }) => status === "rejected"));
	db.closeSync();
	openers.openStorage(storage, DIRECTORY, SMALL).closeSync();
});

overKernels(faults, "commits that wait together share a sync, and are all there afterwards", async (openers) => {
	const storage = new SimulatedDisk();
	const db = openers.openStorage(storage, DIRECTORY, SMALL);
	const before = storage.operations;
	const count = 200;
	await Promise.all(Array.from({ length: count }, (_, number) => db.put(`k${number}`, "v", { sync: true })));
	const syncs = storage.operations - before - count;
	assert.ok(syncs >= 1 && syncs < count / 10, `${syncs} syncs for ${count} commits`);
	// As a process that dies leaves it.
	const again = openers.openStorage(storage, DIRECTORY, SMALL);
	assert.is([...again.keys()].length, count);
	again.closeSync();
});

faults.run();
