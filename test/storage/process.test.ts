import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { systemEnvironment } from "../../host/storage/index.js";

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
