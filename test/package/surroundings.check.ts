/* Where packages find themselves: under odd names, read-only, without a home, in a bundle of one file, elsewhere than a moment ago. */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
	filesBelow,
	packageIn,
	packageUnderTest,
	runNode,
	runProgram,
	type Start,
	samples,
	scratchFolder,
} from "./package.js";

const { project } = packageUnderTest();

/** Somebody who owns nothing: read-only is not read-only for the owner of the system. Others run the checks as themselves. */
const NOBODY = process.getuid?.() === 0 ? 54_321 : undefined;
const TEMPORARY = "/nonexistent/tmp";
/** Nothing else is in the environment. */
const bare = { PATH: process.env.PATH, TMPDIR: TEMPORARY, TEMP: TEMPORARY, TMP: TEMPORARY };

interface Outcome {
	readonly packed: string | number;
	readonly started: number;
	readonly [name: string]: unknown;
}

/** The project under a name that neither URLs nor shells have as it is. */
const home = path.join(scratchFolder(), "päckage #1 %41?");
cpSync(project, home, { recursive: true, verbatimSymlinks: true });
for (const name of ["surroundings.js", "workers.js"]) cpSync(path.join(samples, name), path.join(home, name));

const test = suite("the surroundings of the package");

/** Whoever is not the owner may look at all of it, and change nothing. */
function forbid(folder: string): void {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const file = path.join(folder, entry.name);
		if (entry.isDirectory()) forbid(file);
		else if (entry.isFile()) chmodSync(file, statSync(file).mode & 0o111 ? 0o555 : 0o444);
	}
	chmodSync(folder, 0o555);
}

function forWriting(): string {
	const folder = path.join(scratchFolder(), "zum schreiben");
	mkdirSync(folder);
	chmodSync(folder, 0o777);
	return folder;
}

async function checkSurroundings(program: string, start: Start, packed: RegExp): Promise<void> {
	const outcome = await runNode<Outcome>([program, forWriting()], { cwd: "/", ...start });
	const { packed: told, started, ...others } = outcome;
	assert.match(String(told), packed);
	// One for each database that wrote enough, two for the load.
	assert.ok(started >= 3, `${started} threads`);
	assert.equal(others, {
		sorted: "value 9".repeat(5),
		loaded: 200_000,
		read: 200_000,
		copied: ["value 2999".repeat(5), 200_000],
		problems: [],
		there: true,
		failures: [],
	});
}

test("may be anything the program needs not", async () => {
	const before = filesBelow(home);
	await checkSurroundings(path.join(home, "surroundings.js"), {}, /^1$/);
	assert.equal(filesBelow(home), before);
});

if (process.platform !== "win32") {
	const noTemporaries = /^WLSM_IO: .*\/nonexistent\/tmp.*TMPDIR/;

	test("may be read-only, without a home, a name or room for temporary files", async () => {
		forbid(home);
		try {
			await checkSurroundings(path.join(home, "surroundings.js"), { env: bare, uid: NOBODY }, noTemporaries);
			const wlsm = path.join(home, "node_modules/wlsm/dist/lib/wlsm.js");
			const cwd = forWriting();
			const start = { cwd, env: bare, uid: NOBODY };
			assert.is((await runProgram(process.execPath, [wlsm, "put", "ä", "ö"], start)).status, 0);
			const { stdout } = await runProgram(process.execPath, [wlsm, "query", "SELECT value FROM kv"], start);
			assert.match(stdout, /ö/);
		} finally {
			allow(home);
		}
	});

	test("may be a bundle of one file in a read-only directory", async () => {
		for (const format of ["esm", "cjs"] as const) {
			const folder = path.join(scratchFolder(), "nur lesen #2");
			const outfile = path.join(folder, `program.${format === "esm" ? "mjs" : "cjs"}`);
			const entryPoints = [path.join(home, "surroundings.js")];
			await build({ entryPoints, bundle: true, minify: true, platform: "node", format, outfile, logLevel: "error" });
			assert.equal(readdirSync(folder), [path.basename(outfile)]);
			forbid(folder);
			await checkSurroundings(outfile, { env: bare, uid: NOBODY }, noTemporaries);
		}
	});
}

/** So that it can be removed. */
function allow(folder: string): void {
	chmodSync(folder, 0o755);
	for (const entry of readdirSync(folder, { withFileTypes: true }))
		if (entry.isDirectory()) allow(path.join(folder, entry.name));
}

test("are not written to", () => {
	const installed = packageIn(project);
	for (const file of filesBelow(installed))
		assert.ok(readFileSync(path.join(packageIn(home), file)).equals(readFileSync(path.join(installed, file))), file);
	assert.equal(filesBelow(packageIn(home)), filesBelow(installed));
});

test.run();
