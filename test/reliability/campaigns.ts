import type { Campaign } from "./campaign.js";

/** All campaigns, in the order in which `npm run test:reliability` runs them. A module each, loaded where it runs. */
export const CAMPAIGNS: Readonly<Record<string, () => Promise<Campaign>>> = {
<<<<<<< HEAD
	crash: async () => (await import("./crash.js")).crashCampaign,
	faults: async () => (await import("./faults.js")).faultCampaign,
	mutation: async () => (await import("./mutation.js")).mutationCampaign,
	kill: async () => (await import("./kill.js")).killCampaign,
=======
	concurrency: async () => (await import("./concurrency.js")).concurrencyCampaign,
>>>>>>> 372d1e8 (A campaign of concurrency: histories of many users checked for snapshot isolation, databases closed amidst everything, workers that die)
};
