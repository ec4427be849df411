import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeStorage } from "../../host/storage/index.js";
import { Patience } from "../../host/storage/patience.js";
import { withPatched, withPlatform } from "../support/patched.js";

const test = suite("patience on Windows");

const refusal = (code: string) => Object.assign(new Error(`${code}: refused`), { code });

/** Fails so many times, then answers. */
function after(failures: number, code: string): () => string {
	return () => {
		if (failures-- > 0) throw refusal(code);
		return "done";
	};
}

for (const code of ["EPERM", "EACCES", "EBUSY"]) {
	test(`what is refused for a moment is tried again (${code})`, () => {
		const waits: number[] = [];
		withPlatform("win32", () => assert.is(new Patience((wait) => waits.push(wait)).with(after(3, code)), "done"));
		assert.equal(waits, [25, 50, 75]);
	});
}

test("what is refused for good fails with what it was refused with", () => {
	let waited = 0;
	const pause = (milliseconds: number) => {
		waited += milliseconds;
	};
	withPlatform("win32", () => {
		const patience = new Patience(pause);
		assert.throws(() => patience.with(after(11, "EPERM")), /EPERM: refused/);
		assert.is(waited, 1375);
		// Whoever waited for the one in vain does not wait for the next ones, until something goes well again.
		assert.throws(() => patience.with(after(1, "EPERM")), /EPERM: refused/);
		assert.is(waited, 1375);
		assert.is(patience.with(after(0, "")), "done");
		assert.is(patience.with(after(10, "EPERM")), "done");
		assert.is(waited, 2 * 1375);
	});
});

test("nothing else is tried again, nor anything elsewhere", () => {
	const pause = () => assert.unreachable("nobody waits");
	withPlatform("win32", () => {
		for (const code of ["ENOENT", "EEXIST", "ENOSPC"]) {
			assert.throws(() => new Patience(pause).with(after(1, code)), new RegExp(code));
		}
	});
	for (const platform of ["linux", "darwin"] as const) {
		withPlatform(platform, () => assert.throws(() => new Patience(pause).with(after(1, "EPERM")), /EPERM/));
	}
});

const calls = ["openSync", "renameSync", "linkSync", "unlinkSync", "statSync"] as const;

test("a storage is patient with every name that others may have open", () => {
	const directory = mkdtempSync(join(tmpdir(), "wlsm-"));
	const [a, b, c] = ["a", "b", "c"].map((name) => join(directory, name)) as [string, string, string];
	const storage = new NodeStorage();
	let refused = 0;
	/** The first call of each is refused. */
	const stubborn = (call: (typeof calls)[number], work: () => void) => {
		let isFirst = true;
		withPatched(
			fs,
			call,
			(original) =>
				((...parameters: never[]) => {
					if (!isFirst) return (original as (...parameters: never[]) => unknown)(...parameters);
					isFirst = false;
					refused++;
					throw refusal("EBUSY");
				}) as never,
			work,
		);
	};
	withPlatform("win32", () => {
		stubborn("openSync", () => storage.create(a).close());
		stubborn("openSync", () => storage.openAppend(a).close());
		stubborn("openSync", () => storage.openRead(a).close());
		writeFileSync(b, "new");
		stubborn("renameSync", () => storage.rename(b, a));
		stubborn("linkSync", () => storage.link(a, c));
		stubborn("statSync", () => assert.ok(storage.exists(c)));
		stubborn("unlinkSync", () => storage.remove(c));
	});
	assert.is(refused, 7);
	assert.is(readFileSync(a, "utf8"), "new");
	assert.not(storage.exists(c));
	rmSync(directory, { recursive: true });
});

test.run();
