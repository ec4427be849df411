import type { Ledger } from "./ledger.js";

/** A kind of bad day, tried many times over. */
export interface Campaign {
	readonly name: string;
	/** What its cases are, in the plural. */
	readonly unit: string;
	/** Cases of a full run; of the run that is part of `npm test`. */
	readonly full: number;
	readonly short: number;
	/**
	 * Does about so many cases, at least that many in a full run. Everything random follows from `seed`; each case that fails
	 * is named so that it can be repeated.
	 */
	run(ledger: Ledger, cases: number, seed: number): Promise<void>;
}
