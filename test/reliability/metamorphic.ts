import { CONFIGURATIONS, type Configuration } from "../support/configurations.js";
import { type ModelCase, modelCase, type Step } from "../support/model-case.js";
import { runCase } from "../support/model-run.js";
import { moduleOf, shrink } from "../support/shrink.js";
import type { Campaign } from "./campaign.js";
import type { Ledger } from "./ledger.js";
import { runWorkload, sqlWorkload } from "./metamorphic/sql.js";

/** One in so many cases is of SQL. */
const SQL_SHARE = 4;
/** Failures that are made small: it takes as long as many cases. */
const SHRUNK = 3;

/**
 * The same operations under every configuration: what each step answers is the same in all of them and, but for SQL, what the
 * model answers. Counted are operations times configurations, where a batch is as many operations as it has writes, a
 * getMany as it has keys, a transaction and reads that are under way together as many as there are in them; each is one at
 * least. A statement of SQL is one.
 */
export const metamorphicCampaign: Campaign = {
	name: "metamorphic",
	unit: "operations",
	full: 1_000_000,
	short: 30_000,
	async run(ledger, cases, seed) {
		let shrunk = 0;
		for (let index = 0; ledger.cases < cases; index++) {
			const own = seed * 1_000_003 + index;
			if (index % SQL_SHARE === SQL_SHARE - 1) {
				await trySql(ledger, own);
				continue;
			}
			const testCase = modelCase(own);
			for (const configuration of CONFIGURATIONS) {
				const failing = await tryCase(ledger, under(testCase, configuration), configuration);
				if (failing !== undefined && shrunk++ < SHRUNK) await tellSmallest(failing);
			}
		}
	},
};

/** The case under a configuration: what it is opened with again is each time another one. */
export function under(testCase: ModelCase, { place, options }: Configuration): ModelCase {
	const here = CONFIGURATIONS.filter((other) => other.place === place);
	let next = here.findIndex((other) => other.options === options);
	const steps = testCase.steps.map((step): Step => {
		if (step.do !== "reopen" && step.do !== "checkpoint") return step;
		next = (next + 1) % here.length;
		return { ...step, options: here[next]?.options ?? options };
	});
	return { ...testCase, place, options, steps };
}

/** How many operations a step counts as. */
function operationsOf(step: Step): number {
	switch (step.do) {
		case "batch":
			return Math.max(1, step.writes.length);
		case "getMany":
			return Math.max(1, step.keys.length);
		case "transaction":
			return Math.max(1, step.writes.length + step.reads.length);
		case "together":
			return 1 + step.keys.length + step.ranges.length;
		default:
			return 1;
	}
}

/** Counts as the operations of a case beyond the one that the ledger counts by itself. */
function add(ledger: Ledger, operations: number): void {
	ledger.cases += operations - 1;
}

async function tryCase(ledger: Ledger, testCase: ModelCase, { name }: Configuration): Promise<ModelCase | undefined> {
	const well = await ledger.case(
		() => `seed ${testCase.seed} under ${name}`,
		() => runCase(testCase),
	);
	add(
		ledger,
		testCase.steps.reduce((sum, step) => sum + operationsOf(step), 0),
	);
	ledger.count("sequences");
	return well ? undefined : testCase;
}

async function trySql(ledger: Ledger, seed: number): Promise<void> {
	const workload = sqlWorkload(seed);
	let reference: readonly string[] | undefined;
	for (const configuration of CONFIGURATIONS) {
		await ledger.case(
			() => `SQL of seed ${seed} under ${configuration.name}`,
			async () => {
				const answers = await runWorkload(workload, configuration);
				reference ??= answers;
				for (const [index, answer] of answers.entries()) {
					if (answer !== reference[index])
						throw new Error(
							`${workload[index]?.text}: ${answer.slice(0, 300)}, elsewhere ${reference[index]?.slice(0, 300)}`,
						);
				}
			},
		);
		add(ledger, workload.length);
		ledger.count("workloads of SQL");
	}
}

/** Prints the smallest case that fails as what it fails as, to be put into test/reliability/found. */
async function tellSmallest(testCase: ModelCase): Promise<void> {
	let why = "";
	const fails = async (smaller: ModelCase) => {
		try {
			await runCase(smaller);
			return false;
		} catch (error) {
			why = (error as Error).message;
			return true;
		}
	};
	const smallest = await shrink(testCase, fails);
	await fails(smallest);
	console.error(`For test/reliability/found:\n${moduleOf(smallest, why)}`);
}
