import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { acquireLock } from "../../host/engine/lock.js";
import { MemoryStorage, systemEnvironment } from "../../host/storage/index.js";
import { withPlatform } from "../support/patched.js";

const environment = systemEnvironment();

test("this process lives, and always started at the same time", () => {
	assert.is(environment.pid, process.pid);
	const state = environment.stateOf(process.pid);
	assert.is(state.alive, true);
	assert.is(state.alive && state.startTime, environment.startTime);
	if (process.platform === "linux") assert.match(environment.startTime ?? "", /^\d+$/);
});

test("a process that has ended does not", () => {
	const { pid } = spawnSync(process.execPath, ["-e", ""]);
	assert.equal(environment.stateOf(pid), { alive: false });
});

test("a process that has ended but is not yet collected by its parent does not either", async () => {
	if (process.platform !== "linux") return;
	// The shell becomes a program that does not wait for the child that it started, which ends only after that.
	const parent = spawn("sh", ["-c", "read line <&3 & echo $!; exec sleep 30"], {
		stdio: ["ignore", "pipe", "ignore", "pipe"],
	});
	const pid = await new Promise<number>((resolve) => parent.stdout?.once("data", (data) => resolve(Number(data))));
	try {
		const until = async (holds: () => boolean) => {
			while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
		};
		await until(() => readFileSync(`/proc/${parent.pid}/comm`, "latin1") === "sleep\n");
		parent.stdio[3]?.destroy();
		await until(() => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1")));
		assert.equal(environment.stateOf(pid), { alive: false });
	} finally {
		parent.kill("SIGKILL");
	}
});

for (const platform of ["darwin", "freebsd", "win32"] as const) {
	test(`what can be known elsewhere keeps the lock of who lives, and of nobody else (${platform})`, () => {
		if (process.platform === "win32") return;
		const { pid } = spawnSync(process.execPath, ["-e", ""]);
		withPlatform(platform, () => {
			const there = systemEnvironment();
			// The one asks a program for it, which may not be there; the others have nobody to ask.
			if (platform !== "darwin") assert.equal([there.startTime, there.bootId], [null, null]);
			assert.equal(there.stateOf(process.pid), { alive: true, startTime: there.startTime });
			assert.equal(there.stateOf(pid), { alive: false });
			const storage = new MemoryStorage();
			storage.makeDirectory("/db");
			const here = { ...there, identify: () => ({ path: "/db", inode: null }) };
			const lock = acquireLock(storage, "/db", here);
			assert.throws(() => acquireLock(storage, "/db", here), new RegExp(`pid ${process.pid} on host`));
			lock.release();
			acquireLock(storage, "/db", { ...here, pid });
			acquireLock(storage, "/db", here).release();
			assert.equal(storage.list("/db"), []);
		});
	});
}

test("a directory is known by its real path and inode, whatever it is called by", () => {
	const root = mkdtempSync(path.join(tmpdir(), "wlsm-"));
	const link = `${root}-link`;
	symlinkSync(root, link);
	assert.equal(environment.identify(link), environment.identify(root));
	assert.not.equal(environment.identify(root).inode, environment.identify(tmpdir()).inode);
	rmSync(link);
	rmSync(root, { recursive: true });
});

test.run();
