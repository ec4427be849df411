/* One contender's part, in a process of its own; run.ts says which suite is next. */
import { type ContenderMaker, contender } from "../contenders.js";
import { inDirectory, seconds } from "../support.js";
import type { WorkloadName } from "./names.js";
import type { Sizes, Suite } from "./suite.js";
import { suites } from "./suites.js";

export interface Job {
	readonly contender: string;
	/** Of the program whose packages the peers are. */
	readonly packages: string;
	readonly scratch: string;
	readonly sizes: Sizes;
	readonly workloads: readonly WorkloadName[];
}

/** What run.ts sends: the number of the suite to do once. */
export interface Turn {
	readonly suite: number;
}

export interface Figure {
	readonly workload: WorkloadName;
	readonly name: string;
	/** Operations per second; null where the contender has no such operation. */
	readonly rate: number | null;
}

/** What it is sent: first that the contender is there, then an answer to each turn. */
export type Answer =
	| { readonly kind: "ready" }
	| { readonly kind: "figures"; readonly figures: readonly Figure[] }
	| { readonly kind: "failure"; readonly message: string; readonly code: string | undefined };

/** The same for every contender. */
const CACHE_BYTES = 64 << 20;

async function play(maker: ContenderMaker, suite: Suite, { scratch, sizes, workloads }: Job): Promise<Figure[]> {
	const steps = suite.steps(sizes, scratch);
	const last = steps.findLastIndex(({ of }) => workloads.includes(of));
	return inDirectory(async (directory) => {
		const store = await maker.open(directory, { cacheBytes: CACHE_BYTES, sync: "none" });
		const figures: Figure[] = [];
		for (const step of steps.slice(0, last + 1)) {
			const asked = workloads.includes(step.of);
			if (!asked && step.prerequisite === undefined) continue;
			let rate: number | null = null;
			if (step.needs === undefined || store[step.needs] !== undefined) {
				await step.prepare?.(store);
				rate = step.operations / (await seconds(() => step.run(store)));
				await step.verify?.(store);
			}
			if (asked) figures.push({ workload: step.of, name: step.name, rate });
		}
		await store.close();
		return figures;
	}, scratch);
}

/** Where the parent was killed nobody is left to be told, and this process ends too. */
const send = (answer: Answer) => process.send?.(answer, undefined, undefined, () => {});

function sendFailure(error: unknown): void {
	const known = error instanceof Error ? error : new Error(String(error));
	const code = "code" in known ? String(known.code) : undefined;
	send({ kind: "failure", message: known.message, code });
}

// An interrupt from the terminal comes to all processes; what becomes of it is the parent's to say.
process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit());
const job = JSON.parse(process.argv[2] ?? "{}") as Job;
try {
	const maker = await contender(job.contender, job.packages);
	process.on("message", ({ suite }: Turn) => {
		play(maker, suites[suite] as Suite, job).then((figures) => send({ kind: "figures", figures }), sendFailure);
	});
	send({ kind: "ready" });
} catch (error) {
	sendFailure(error);
}
