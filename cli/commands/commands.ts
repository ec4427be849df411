import type { Command } from "../command.js";

/** A command that is not loaded yet. */
export interface CommandEntry {
	/** Its name and its aliases. */
	readonly names: readonly string[];
	load(): Promise<Command>;
}

/** In the order that the help shows. */
export const commandEntries: readonly CommandEntry[] = [
	{ names: ["put"], load: async () => (await import("./put.js")).put },
	{ names: ["get"], load: async () => (await import("./get.js")).get },
	{ names: ["delete", "del"], load: async () => (await import("./delete.js")).delete_ },
	{ names: ["scan"], load: async () => (await import("./scan.js")).scan },
	{ names: ["load"], load: async () => (await import("./load.js")).load },
	{ names: ["query"], load: async () => (await import("./query.js")).query },
	{ names: ["dump"], load: async () => (await import("./dump.js")).dump },
	{ names: ["explain"], load: async () => (await import("./explain.js")).explain },
	{ names: ["analyze"], load: async () => (await import("./analyze.js")).analyze },
	{ names: ["shell"], load: async () => (await import("./shell.js")).shell },
	{ names: ["typegen"], load: async () => (await import("./typegen.js")).typegen },
	{ names: ["check"], load: async () => (await import("./check.js")).check },
	{ names: ["stats"], load: async () => (await import("./stats.js")).stats },
	{ names: ["flush"], load: async () => (await import("./flush.js")).flush },
	{ names: ["compact"], load: async () => (await import("./compact.js")).compact },
	{ names: ["verify"], load: async () => (await import("./verify.js")).verify },
	{ names: ["repair"], load: async () => (await import("./repair.js")).repair },
	{ names: ["checkpoint"], load: async () => (await import("./checkpoint.js")).checkpoint },
	{ names: ["config"], load: async () => (await import("./config.js")).config },
	{ names: ["completion"], load: async () => (await import("./completion.js")).completion },
	{ names: ["bench"], load: async () => (await import("./bench.js")).bench },
];
