import type { Kernel } from "../../host/kernel/index.js";
import { outOfMemory } from "../../host/kernel/out-of-memory.js";

/** What a kernel makes, and the calls of that which take memory. */
const CALLS = {
	createLogBuffer: ["reserve", "apply"],
	createMemtable: [],
	createTable: [],
	createSuperversion: [],
	createGet: ["start", "resume", "detach"],
	createScan: ["fill", "changed"],
	createOverlay: ["write"],
	createJob: ["step"],
} as const satisfies Partial<Record<keyof Kernel, readonly string[]>>;

/** Which call of a kernel is refused, and how. */
export interface Refusal {
	/** Number of the call, from 1. */
	at: number;
	readonly error: () => Error;
	/** Names of the calls so far. */
	readonly calls: string[];
	/** The one that was refused. */
	refused: string | undefined;
}

type Method = (this: unknown, ...parameters: unknown[]) => unknown;

export function refusalAt(at: number, error: () => Error = outOfMemory): Refusal {
	return { at, error, calls: [], refused: undefined };
}

/** The kernel, with one of its calls refused: as where memory is used up, unless `refusal` says otherwise. */
export function refusingKernel<Which extends Kernel>(kernel: Which, refusal: Refusal): Which {
	const guard = (target: object, name: string, done: (answer: object) => void = () => {}, told = name) => {
		const methods = target as Record<string, Method>;
		const method = methods[name] as Method;
		methods[name] = (...parameters) => {
			refusal.calls.push(told);
			if (refusal.calls.length === refusal.at) {
				refusal.refused = told;
				throw refusal.error();
			}
			const answer = method.apply(target, parameters);
			done(answer as object);
			return answer;
		};
	};
	for (const [create, calls] of Object.entries(CALLS))
		guard(kernel, create, (made) => {
			for (const call of calls) guard(made, call);
		});
	for (const call of ["reserve", "sealBatch"]) guard(kernel.record, call, () => {}, `record.${call}`);
	return kernel;
}
