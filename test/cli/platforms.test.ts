/* What the command line does where paths, variables and errors are not those of POSIX and Node. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { shellIn } from "../../cli/commands/completion.js";
import { errorText } from "../../cli/error-text.js";
import { files } from "../../cli/shell/completion.js";
import { expressionOf, stepsOf } from "../../cli/sources.js";
import { paintFor } from "../../cli/style.js";

const test = suite("the command line on other platforms");

test("patterns have two separators, drives and shares on Windows", () => {
	const cases: readonly [string, string, string[]][] = [
		["logs\\*.csv", "", ["logs", "*.csv"]],
		["logs/2024\\**/*.csv", "", ["logs", "2024", "**", "*.csv"]],
		["C:\\data\\*.csv", "C:\\", ["data", "*.csv"]],
		["D:/data/*.csv", "D:/", ["data", "*.csv"]],
		["D:*.csv", "D:", ["*.csv"]],
		["\\\\server\\share\\a\\*.csv", "\\\\server\\share\\", ["a", "*.csv"]],
		["/data/*.csv", "/", ["data", "*.csv"]],
	];
	for (const [pattern, root, steps] of cases) assert.equal(stepsOf(pattern, "win32"), { root, steps }, pattern);
	assert.equal(stepsOf("/data//a\\*.csv", "linux"), { root: "/", steps: ["data", "a\\*.csv"] });
	assert.equal(stepsOf("logs/*.csv", "darwin"), { root: "", steps: ["logs", "*.csv"] });
});

test("case counts in patterns but on Windows", () => {
	for (const platform of ["win32", "linux", "darwin"] as const) {
		assert.is(expressionOf("*.csv", platform).test("Sales.CSV"), platform === "win32");
		assert.ok(expressionOf("*.csv", platform).test("Sales.csv"));
	}
});

test("files are completed behind either separator on Windows", () => {
	const folder = mkdtempSync(join(tmpdir(), "wlsm-cli-"));
	mkdirSync(join(folder, "inner"));
	writeFileSync(join(folder, "inner.sql"), "");
	writeFileSync(join(folder, ".hidden"), "");
	const begin = `${folder}/in`;
	assert.equal(files(begin)[0].sort(), [`${begin}ner.sql`, `${begin}ner/`]);
	assert.equal(files(`${folder}/.`)[0], [`${folder}/.hidden`]);
	assert.equal(files(`${folder}${sep}none${sep}x`)[0], []);
	// Elsewhere a backslash is part of a name.
	assert.equal(files(`${folder}\\in`, "linux")[0], []);
	const here = process.cwd();
	process.chdir(folder);
	assert.equal(files("in", "win32")[0].sort(), ["inner.sql", "inner/"]);
	assert.equal(files(".\\in", "win32")[1], ".\\in");
	process.chdir(here);
	rmSync(folder, { recursive: true });
});

test("the shell of $SHELL is found in paths of any kind", () => {
	assert.is(shellIn("/usr/bin/zsh"), "zsh");
	assert.is(shellIn("C:\\Program Files\\Git\\usr\\bin\\bash.exe"), "bash");
	assert.is(shellIn(undefined), undefined);
});

/** Deno without --allow-env. */
const closed: NodeJS.ProcessEnv = new Proxy(
	{},
	{
		get: (_target, name) => {
			throw Object.assign(new Error(`Requires env access to "${String(name)}"`), { name: "NotCapable" });
		},
	},
);

test("variables about colours that may not be read count as not set", () => {
	assert.is(paintFor("auto", false, closed)("heading", "a"), "a");
	assert.ok(paintFor("auto", true, closed)("heading", "a").startsWith("\x1b[1ma"));
});

test("what a runtime refuses is no mistake of ours", () => {
	const refusal = Object.assign(new Error('Requires env access to "WLSM_DB"'), { name: "NotCapable" });
	assert.is(errorText(refusal), 'Requires env access to "WLSM_DB"');
	assert.match(errorText(new Error("what")), /^internal error/);
});

test.run();
