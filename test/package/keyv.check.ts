/* Keyv's public test suite over the adapter that is installed. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageIn, packageUnderTest, runProgram, samples, scratchFolder, tools } from "./package.js";

/** What a run of vitest says of itself. */
interface Report {
	readonly numTotalTests: number;
	readonly numPassedTests: number;
	readonly testResults: readonly {
		readonly message: string;
		readonly assertionResults: readonly {
			readonly fullName: string;
			readonly status: string;
			readonly failureMessages: readonly string[];
		}[];
	}[];
}

const test = suite("Keyv's own tests");

test("pass, over both kernels, in memory and on disk", async () => {
	const folder = scratchFolder();
	const { stdout, stderr } = await runProgram(
		process.execPath,
		[path.join(tools, "node_modules/vitest/vitest.mjs"), "run", "--root", samples, "--reporter", "json"],
		{
			env: {
				...process.env,
				WLSM_KEYV: pathToFileURL(path.join(packageIn(packageUnderTest().project), "dist/lib/keyv.js")).href,
				WLSM_FOLDER: folder,
			},
		},
	);
	const report = JSON.parse(stdout || JSON.stringify({ stderr })) as Report;
	const failed = report.testResults?.flatMap(({ message, assertionResults }) => [
		...(message === "" ? [] : [message]),
		...assertionResults
			.filter(({ status }) => status !== "passed")
			.map(({ fullName, failureMessages }) => [fullName, ...failureMessages].join("\n")),
	]);
	assert.equal(failed, [], stderr);
	assert.is(report.numPassedTests, report.numTotalTests);
	assert.ok(report.numTotalTests >= 4 * 40, `${report.numTotalTests} tests`);
});

test.run();
