/* What a runtime may refuse to a program that is not allowed everything (Deno) is an error with a code, and nothing before it is needed. */
import fs, { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { kernelModule } from "../../host/kernel/load.js";
import { loadCsv } from "../../host/load/index.js";
import { isArtifactThere } from "../../host/storage/index.js";
import { rejected, thrown } from "../support/database.js";
import { withPatched } from "../support/patched.js";

const test = suite("what a runtime refuses");

const refuse = () => () => {
	throw Object.assign(new Error('Requires env access to "TMPDIR", run again with the --allow-env flag'), {
		name: "NotCapable",
	});
};

test("the kernel's file", () => {
	const missing = pathToFileURL(join(os.tmpdir(), "wlsm-no-such", "kernel.wasm"));
	const error = thrown(() => kernelModule(missing), "WLSM_IO");
	assert.match(error.message, /The kernel cannot be read.*ENOENT.*install that again/);
	assert.is((error.cause as NodeJS.ErrnoException).code, "ENOENT");
});

test("a look at the worker's file: it may be loaded all the same", () =>
	withPatched(fs, "existsSync", refuse, () => {
		assert.is(isArtifactThere(pathToFileURL("/a/worker.js")), true);
	}));

test("the folder of temporary files, which loads of streams need", () =>
	withPatched(os, "tmpdir", refuse, async () => {
		const db = openSync(":memory:");
		async function* source() {
			yield Buffer.from("a,b\n1,2\n");
		}
		const error = await rejected(() => loadCsv(db, source(), { table: "t" }), "WLSM_IO");
		assert.match(error.message, /folder for temporary files: .*--allow-env/);
		db.closeSync();
	}));

test("the folder of temporary files, which readers need for large sorts alone", () => {
	const directory = mkdtempSync(join(os.tmpdir(), "wlsm-"));
	const count = 20_000;
	const db = openSync(directory);
	db.sql.exec("CREATE TABLE t (a)");
	const insert = db.sql.prepare("INSERT INTO t SELECT value FROM generate_series(1, ?)");
	insert.run(count);
	db.closeSync();
	withPatched(os, "tmpdir", refuse, () => {
		const reader = openSync(directory, { readOnly: true, sqlMemoryBytes: 64 << 10 });
		assert.equal(reader.sql.prepare("SELECT count(*), sum(a) FROM t").raw().get(), [count, (count * (count + 1)) / 2]);
		const sorted = reader.sql.prepare("SELECT a FROM t ORDER BY -a");
		const error = thrown(() => sorted.all(), "WLSM_IO");
		assert.match(error.message, /find the folder for a temporary file of the statement, spill-.*--allow-env/);
		reader.closeSync();
	});
	rmSync(directory, { recursive: true });
});

test.run();
