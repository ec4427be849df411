import type { WlsmError } from "../../errors.js";
import { brokenKernel } from "../broken.js";
import type { KernelExports } from "../exports.js";
import { RuntimeError } from "../webassembly.js";

type Export = (...words: number[]) => number;

/**
 * Left as they are: a wrapper would cost as much as they do. What they throw goes through `trap` in who calls them, the
 * commits and reads of engine.ts and scan-cursor.ts; those of the last line only read words. The others are called between `enter`
 * and `leave`.
 */
const BARE: ReadonlySet<string> = new Set<keyof KernelExports>([
	...(["batchSeal", "batchApply", "getStart", "getContinue", "scanFill"] as const),
	...(["allocatedBytes", "cacheUsedBytes", "countersAddress", "memtableBytes", "memtableEntries"] as const),
]);

/**
 * Turns the module's traps into errors. After the first one nothing calls the module again but what reads: who waits for the lock
 * of a thread that died would do so each time, and what is not freed goes with the memory. As bad is a stack that ended somewhere in
 * the module: whoever would say so has no room to do it, so that a call that did not come back shows at the next one.
 */
export class Traps {
	#broken: WlsmError | undefined;
	#isInside = false;

	get broken(): WlsmError | undefined {
		if (this.#isInside) this.#broken ??= brokenKernel(new RangeError("the stack ended within it"));
		return this.#broken;
	}

	enter(): void {
		if (this.#isInside) throw this.broken;
		this.#isInside = true;
	}

	leave(): void {
		this.#isInside = false;
	}

	/** What a call threw, as an error where it is a trap. */
	of(error: unknown): WlsmError | undefined {
		if (error instanceof RuntimeError) {
			// Reads may go on.
			this.#isInside = false;
			this.#broken ??= brokenKernel(error);
			return this.#broken;
		}
		const { broken } = this;
		return this.#isInside || error === broken ? broken : undefined;
	}

	guard(exports: KernelExports): KernelExports {
		const guarded = Object.entries(exports).map(([name, work]: [string, unknown]) => {
			const bare = typeof work !== "function" || BARE.has(name);
			return [name, bare ? work : this.#guarded(work as Export, /free$/i.test(name))] as const;
		});
		return Object.fromEntries(guarded) as unknown as KernelExports;
	}

	#guarded(work: Export, frees: boolean): Export {
		return (...words) => {
			const { broken } = this;
			if (broken !== undefined) {
				if (frees) return 0;
				throw broken;
			}
			try {
				this.#isInside = true;
				const answer = work(...words);
				this.#isInside = false;
				return answer;
			} catch (error) {
				throw this.of(error) ?? error;
			}
		};
	}
}
