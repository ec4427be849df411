import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryStorage, type ReadFile } from "../../host/storage/index.js";
import { CONFIGURATIONS } from "../support/configurations.js";
import { type ModelCase, modelCase, type Step } from "../support/model-case.js";
import { runCaseIn } from "../support/model-run.js";
import { moduleOf, shrink } from "../support/shrink.js";
import { expectClean } from "./expect-clean.js";
import { runWorkload, sqlWorkload } from "./metamorphic/sql.js";
import { metamorphicCampaign, under } from "./metamorphic.js";

const metamorphic = suite("reliability: metamorphic");

metamorphic("a sample of sequences under every configuration", async () => {
	const { counts } = await expectClean(metamorphicCampaign);
	assert.ok((counts.sequences ?? 0) >= CONFIGURATIONS.length);
	assert.ok((counts["workloads of SQL"] ?? 0) >= CONFIGURATIONS.length);
});

metamorphic("the configurations are many and told apart by their names", () => {
	assert.ok(CONFIGURATIONS.length >= 30);
	assert.is(new Set(CONFIGURATIONS.map(({ name }) => name)).size, CONFIGURATIONS.length);
});

/** A storage whose logs end before their last byte whenever they are read. */
class Forgetful extends MemoryStorage {
	override openRead(path: string): ReadFile {
		const file = super.openRead(path);
		if (!path.endsWith(".wal")) return file;
		const size = () => Math.max(0, file.size() - 1);
		const readSync: ReadFile["readSync"] = (target, at, length, position) =>
			file.readSync(target, at, Math.max(0, Math.min(length, size() - position)), position);
		const read: ReadFile["read"] = async (target, at, length, position) => readSync(target, at, length, position);
		return { path, size, readSync, read, close: () => file.close() };
	}
}

async function failsForgetfully(testCase: ModelCase): Promise<boolean> {
	try {
		await runCaseIn(testCase, new Forgetful(), "");
		return false;
	} catch (error) {
		// Of a log that was closed it is noticed that its end is missing; one that was not closed may have a torn one.
		return /difference/.test((error as Error).message);
	}
}

metamorphic("a log that loses its end is noticed, and a write and an opening are left of the case", async () => {
	let seed = 1;
	const testCase = () => under(modelCase(seed), CONFIGURATIONS[0] as (typeof CONFIGURATIONS)[number]);
	while (seed < 100 && !(await failsForgetfully(testCase()))) seed++;
	const { steps } = await shrink(testCase(), failsForgetfully);
	assert.is(steps.length, 2);
	assert.ok(steps[1]?.do === "reopen" && steps[1].how === "crash");
});

const EXAMPLE: ModelCase = {
	seed: 1,
	place: "memory",
	keyEncoding: "view",
	valueEncoding: "json",
	options: { blockBytes: 64, blockCacheBytes: 0 },
	steps: [
		{ do: "put", mode: "sync", key: Uint8Array.of(1, 2), value: { a: [null, "x".repeat(100)] }, sync: undefined },
		{
			do: "batch",
			mode: "async",
			sync: true,
			writes: [1, 2, 3, 4].map((key) => ({ type: "put", key: new Uint8Array(100).fill(key), value: "é".repeat(30) })),
		},
		{
			do: "scan",
			mode: "sync",
			list: "keys",
			range: { reverse: true },
			take: Number.POSITIVE_INFINITY,
			slot: undefined,
		},
		{ do: "reopen", how: "crash", options: { compression: "none" } },
	],
};

metamorphic("a case becomes as small as its failure allows: steps, writes of a batch, configurations", async () => {
	const holds = (step: Step) => step.do === "batch" && step.writes.some(({ key }) => (key as Uint8Array)[0] === 3);
	const needed = (steps: readonly Step[]) => steps.some(holds) && steps.some((step) => step.do === "reopen");
	const smallest = await shrink(EXAMPLE, async ({ steps }) => needed(steps));
	assert.equal(
		smallest.steps.map((step) => step.do),
		["batch", "reopen"],
	);
	const [batch, reopen] = smallest.steps;
	assert.is(batch?.do === "batch" && batch.writes.length, 1);
	assert.is(reopen?.do === "reopen" && reopen.options, EXAMPLE.options);
});

metamorphic("a case that is printed as a module is the same case", async () => {
	const printed = moduleOf(EXAMPLE, "why */ it is here");
	const script = printed.replace(/^import type .*$/m, "").replace(": ModelCase", "");
	const { found } = (await import(`data:text/javascript,${encodeURIComponent(script)}`)) as { found: ModelCase };
	assert.equal(found, EXAMPLE);
});

metamorphic("statements of SQL answer rows, and constraints and transactions refuse some", async () => {
	const [first] = CONFIGURATIONS;
	assert.ok(first !== undefined);
	const answers: string[] = [];
	for (let seed = 0; seed < 5; seed++) answers.push(...(await runWorkload(sqlWorkload(seed), first)));
	const count = (pattern: RegExp) => answers.filter((answer) => pattern.test(answer)).length;
	assert.ok(count(/^\[\[/) > 40, `${count(/^\[\[/)} answers with rows`);
	assert.ok(count(/"changes":[1-9]/) > 40);
	assert.ok(count(/^UNIQUE constraint failed/) > 0);
	assert.is(count(/syntax|not supported|no such/), 0);
});

metamorphic.run();
