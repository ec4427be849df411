import { suite } from "uvu";
import { type ModelCase, modelCase } from "../support/model-case.js";
import { runCase } from "../support/model-run.js";

/*
 * Random sequences of everything a database can do, against a sorted map, under extreme options. More of them:
 *   WLSM_SEEDS=100000 npx uvu dist/test/engine "model\.test\.js$"
 * One of them: WLSM_SEED=<seed>, which also prints the steps that are left when the needless ones are taken away.
 */
const model = suite("model");

const only = process.env.WLSM_SEED;
const seeds = Number(process.env.WLSM_SEEDS ?? (only === undefined ? 1600 : 1));
const first = Number(only ?? 1);

async function failure(testCase: ModelCase): Promise<Error | undefined> {
	try {
		await runCase(testCase);
		return undefined;
	} catch (error) {
		return error as Error;
	}
}

/** The case without the steps that its failure does not need. */
async function shrink(testCase: ModelCase): Promise<ModelCase> {
	let smallest = testCase;
	for (let size = testCase.steps.length >> 1; size >= 1; size >>= 1) {
		for (let at = 0; at < smallest.steps.length; ) {
			const steps = smallest.steps.toSpliced(at, size);
			const smaller = { ...smallest, steps };
			if ((await failure(smaller)) === undefined) at += size;
			else smallest = smaller;
		}
	}
	return smallest;
}

function print(testCase: ModelCase): string {
	const short = (_name: string, value: unknown) => {
		if (value instanceof Uint8Array)
			return `bytes(${value.length}) ${Buffer.from(value.subarray(0, 40)).toString("latin1")}`;
		return typeof value === "string" && value.length > 60 ? `text(${value.length}) ${value.slice(0, 40)}` : value;
	};
	const { steps, ...rest } = testCase;
	return [JSON.stringify(rest), ...steps.map((step) => JSON.stringify(step, short))].join("\n");
}

model(`${seeds} random sequences answer as a sorted map does`, async () => {
	for (let seed = first; seed < first + seeds; seed++) {
		const testCase = modelCase(seed);
		const error = await failure(testCase);
		if (error === undefined) continue;
		const steps = only === undefined ? "" : `\nWhat is left of it:\n${print(await shrink(testCase))}`;
		throw new Error(
			`seed ${seed}: ${error.message}\nTo repeat it: WLSM_SEED=${seed} npx uvu dist/test/engine "model\\.test\\.js$"${steps}`,
			{ cause: error },
		);
	}
});

model.run();
