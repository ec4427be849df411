import { overLevel } from "./classic-level.js";

/** What is in the way of a call between abstract-level and wlsm, and of one of classic-level too. Loaded by who asks for it. */
export const wlsmLevel = overLevel("wlsm-level", async (directory, blockCacheBytes) => {
	const { WlsmLevel } = await import("../../host/level/index.js");
	return new WlsmLevel(directory, { blockCacheBytes });
});
