import { suite } from "uvu";
import { type ModelCase, modelCase } from "../support/model-case.js";
import { runCase } from "../support/model-run.js";
import { moduleOf, shrink } from "../support/shrink.js";

/*
 * Random sequences of everything a database can do, against a sorted map, under extreme options. More of them:
 *   WLSM_SEEDS=100000 npx uvu dist/test/engine "model\.test\.js$"
 * One of them: WLSM_SEED=<seed>, which also prints the steps that are left when the needless ones are taken away.
 */
const model = suite("model");

const only = process.env.WLSM_SEED;
const seeds = Number(process.env.WLSM_SEEDS ?? (only === undefined ? 1000 : 1));
const first = Number(only ?? 1);

async function failure(testCase: ModelCase): Promise<Error | undefined> {
	try {
		await runCase(testCase);
		return undefined;
	} catch (error) {
		return error as Error;
	}
}

const fails = async (testCase: ModelCase) => (await failure(testCase)) !== undefined;

model(`${seeds} random sequences answer as a sorted map does`, async () => {
	for (let seed = first; seed < first + seeds; seed++) {
		const testCase = modelCase(seed);
		const error = await failure(testCase);
		if (error === undefined) continue;
		const steps =
			only === undefined
				? ""
				: `\nWhat is left of it, for test/reliability/found:\n${moduleOf(await shrink(testCase, fails), error.message)}`;
		throw new Error(
			`seed ${seed}: ${error.message}\nTo repeat it: WLSM_SEED=${seed} npx uvu dist/test/engine "model\\.test\\.js$"${steps}`,
			{ cause: error },
		);
	}
});

model.run();
