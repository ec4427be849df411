import type { Campaign } from "./campaign.js";

/** All campaigns, in the order in which `npm run test:reliability` runs them. A module each, loaded where it runs. */
export const CAMPAIGNS: Readonly<Record<string, () => Promise<Campaign>>> = {
	crash: async () => (await import("./crash.js")).crashCampaign,
	"sql-crash": async () => (await import("./sql-crash.js")).sqlCrashCampaign,
	faults: async () => (await import("./faults.js")).faultCampaign,
	kill: async () => (await import("./kill.js")).killCampaign,
	resources: async () => (await import("./resources.js")).resourcesCampaign,
	concurrency: async () => (await import("./concurrency.js")).concurrencyCampaign,
	hostile: async () => (await import("./hostile.js")).hostileCampaign,
	metamorphic: async () => (await import("./metamorphic.js")).metamorphicCampaign,
	mutation: async () => (await import("./mutation.js")).mutationCampaign,
};
