import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandEntries } from "../../cli/commands/commands.js";
import { modules, runCli } from "../cli/process.js";

/*
 * How fast a command starts is how many files it loads, each about half a millisecond, and what they do when they are loaded. That
 * is told by the runtime's own list of them: nothing here takes the time.
 */

/** Shape of what node writes for NODE_V8_COVERAGE, as far as it is needed. */
interface Coverage {
	readonly result: readonly { readonly url: string }[];
}

/** The files that a command line loads, from the package's root or a folder node_modules on. */
async function filesLoadedBy(words: readonly string[], cwd: string): Promise<string[]> {
	const coverage = mkdtempSync(path.join(cwd, "coverage-"));
	const { exitCode, stderr } = await runCli(words, { cwd, env: { NODE_V8_COVERAGE: coverage }, program: modules });
	assert.is(exitCode, 0, stderr);
	const reports = readdirSync(coverage).map((name) => readFileSync(path.join(coverage, name), "utf8"));
	const urls = reports.flatMap((report) => (JSON.parse(report) as Coverage).result.map(({ url }) => url));
	const files = urls.filter((url) => url.startsWith("file:"));
	return files.map((url) => url.replace(/^.*\/(?=node_modules\/|dist\/)/, ""));
}

const test = suite<{ cwd: string }>("what a command loads");

test.before.each((context) => {
	context.cwd = mkdtempSync(path.join(tmpdir(), "wlsm-start-"));
});
test.after.each(({ cwd }) => rmSync(cwd, { recursive: true }));

const sql = /^dist\/(?:host\/sql|grammar)\//;
const others =
	/string-width|cliui|wrap-ansi|y18n|cli-progress|csv-parser|^dist\/host\/(?:load|engine\/repair|kernel\/ts)\//;

test("commands on keys and values load no SQL, nothing that draws, no other command and no other kernel", async ({
	cwd,
}) => {
	const lines = [["put", "k", "v"], ["get", "k"], ["scan", "--limit", "1"], ["flush"], ["verify"], ["delete", "k"]];
	for (const words of lines) {
		const files = await filesLoadedBy(words, cwd);
		assert.ok(files.includes("dist/host/key-value.js"), `what ${words[0]} loads is seen`);
		assert.equal(
			files.filter((file) => sql.test(file) || others.test(file)),
			[],
		);
		assert.equal(
			files.filter((file) => /^dist\/cli\/commands\//.test(file)),
			["dist/cli/commands/commands.js", `dist/cli/commands/${words[0]}.js`],
		);
	}
});

test("SQL is there for a query, and what draws for the help", async ({ cwd }) => {
	await runCli(["put", "k", "v"], { cwd });
	const query = await filesLoadedBy(["query", "SELECT 1", "--format", "csv"], cwd);
	assert.ok(query.some((file) => sql.test(file)));
	assert.equal(
		query.filter((file) => others.test(file)),
		[],
	);
	assert.ok((await filesLoadedBy(["get", "--help"], cwd)).some((file) => file.includes("/cliui/")));
});

test("every command is listed under its names", async () => {
	for (const { names, load } of commandEntries) {
		const { usage } = await load();
		const usages = typeof usage === "string" ? [usage] : usage;
		assert.equal(
			usages.map((text) => text.split(" ")[0]),
			names,
		);
	}
});

test.run();
