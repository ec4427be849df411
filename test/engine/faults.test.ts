import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import { rejected, thrown } from "../support/database.js";
import { type FaultKind, FaultyStorage } from "../support/faulty-storage.js";
import { type Openers, overKernels } from "../support/openers.js";
import { checkCopies, DIRECTORY, History, OPTIONS, runWorkload } from "../support/workload.js";

/* Every operation for every kind of fault: WLSM_FAULTS=all npx uvu dist/test/engine "faults\.test\.js$" */
const all = process.env.WLSM_FAULTS === "all";

const faults = suite("faults");

function judge(error: unknown, storage: FaultyStorage, what: string): void {
	if (!(error instanceof WlsmError)) throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
	assert.is(error.code, "WLSM_IO", `${what}: ${error.message}`);
	let cause: unknown = error;
	while (cause instanceof WlsmError) cause = cause.cause;
	assert.ok(/^E[A-Z]+$/.test(String((cause as { code?: unknown })?.code)), `${what}: the system's error is the cause`);
	assert.ok(storage.failed.length > 0, `${what}: an error without a fault`);
}

async function sweep(openers: Openers, kind: FaultKind, lasting: boolean): Promise<void> {
	const probe = new FaultyStorage();
	const whole = new History();
	await runWorkload(openers, probe, whole);
	assert.ok(probe.operations > 200, `${probe.operations} operations`);
	// Short writes and lost ones fail differently; which error it is makes no difference, nor what fails afterwards.
	const stride = all || ((kind === "EIO" || kind === "short") && !lasting) ? 1 : 5;
	for (let at = 1; at <= probe.operations; at += stride) {
		const storage = new FaultyStorage();
		storage.fault = { at, kind, lasting };
		const history = new History();
		let current: Database | undefined;
		const what = () => `${kind}${lasting ? " from" : " at"} operation ${at} (${storage.failed[0]})`;
		let failed = false;
		try {
			await runWorkload(openers, storage, history, (db) => {
				current = db;
			});
		} catch (error) {
			failed = true;
			judge(error, storage, what());
		}
		assert.ok(current === undefined || current.status === "closed" || !failed);
		// The disk is well again: what was acknowledged is there, and no more than was tried.
		storage.fault = undefined;
		const db = openers.openStorage(storage, DIRECTORY, OPTIONS);
		const found = history.find([...db.entries()], history.acknowledged);
		assert.ok(found !== -1, `${what()}: what was acknowledged is not there, or a commit is half there`);
		assert.equal((await db.verify()).problems, [], what());
		checkCopies(openers, storage, history);
		db.putSync("after", "1", { sync: true });
		await db.compact();
		assert.is(db.getSync("after"), "1");
		db.closeSync();
	}
}

for (const kind of ["EIO", "ENOSPC", "EMFILE", "short"] as const) {
	for (const lasting of [false, true]) {
		overKernels(faults, `${kind}, ${lasting ? "from every operation on" : "at every operation"}`, (openers) =>
			sweep(openers, kind, lasting),
		);
	}
}

for (const call of ["write", "fdatasync"]) {
	overKernels(
		faults,
		`after a failed ${call} of the log nothing is written until it is opened again`,
		async (openers) => {
			const storage = new FaultyStorage();
			const db = openers.openStorage(storage, DIRECTORY, OPTIONS);
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
			const again = openers.openStorage(storage, DIRECTORY, OPTIONS);
			assert.is(again.getSync("before"), "1");
			assert.is(again.getSync("later"), undefined);
			again.putSync("later", "2");
			again.closeSync();
		},
	);
}

overKernels(faults, "commits that wait for one failing sync all fail", async (openers) => {
	const storage = new FaultyStorage();
	const db = openers.openStorage(storage, DIRECTORY, OPTIONS);
	// After ten writes, which one sync is for.
	storage.fault = { at: storage.operations + 11, kind: "EIO", lasting: false };
	const all = await Promise.allSettled(
		Array.from({ length: 10 }, (_, number) => db.put(`k${number}`, "v", { sync: true })),
	);
	assert.ok(storage.failed[0]?.startsWith("fdatasync"), storage.failed[0]);
	assert.ok(all.every(({ status }) => status === "rejected"));
	db.closeSync();
	openers.openStorage(storage, DIRECTORY, OPTIONS).closeSync();
});

overKernels(faults, "commits that wait together share a sync, and are all there afterwards", async (openers) => {
	const storage = new FaultyStorage();
	const db = openers.openStorage(storage, DIRECTORY, OPTIONS);
	const before = storage.operations;
	const count = 200;
	await Promise.all(Array.from({ length: count }, (_, number) => db.put(`k${number}`, "v", { sync: true })));
	const syncs = storage.operations - before - count;
	assert.ok(syncs >= 1 && syncs < count / 10, `${syncs} syncs for ${count} commits`);
	// As a process that dies leaves it.
	const again = openers.openStorage(storage, DIRECTORY, OPTIONS);
	assert.is([...again.keys()].length, count);
	again.closeSync();
});

faults.run();
