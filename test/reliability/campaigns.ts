import type { Campaign } from "./campaign.js";

/** All campaigns, in the order in which `npm run test:reliability` runs them. A module each, loaded where it runs. */
export const CAMPAIGNS: Readonly<Record<string, () => Promise<Campaign>>> = {};
