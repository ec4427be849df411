/** When a process is to send itself a signal: at one of its changes to files, counted from 1 over all its threads. */
export interface Moment {
	readonly at: number;
	/** "half": of a write, when half of it is done; for other changes the same as "before". */
	readonly how: "before" | "half";
	readonly signal: "SIGKILL" | "SIGINT" | "SIGTERM";
}

/** What the hook is asked to do: strike at a moment, or write down each change. */
export type HookOrder = Moment | { readonly trace: string };

/** The environment variable that has the order, as JSON. */
export const ORDER_VARIABLE = "WLSM_TEST_KILL";

/** Preloaded into each process that has an order. */
export const HOOK = new URL("./hook.js", import.meta.url);
