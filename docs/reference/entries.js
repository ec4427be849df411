// The entries of the package that are documented, in the order in which a name that several of them have is looked for.

export const entries = [
	{
		name: "wlsm",
		file: "index.d.ts",
		page: "wlsm.md",
		imports: ["open", "openSync", "WlsmError"],
		intro:
			"Key-value databases, and SQL over the same data. Errors are [WlsmError](#wlsmerror)s with a stable `code`; what each method " +
			"says of errors comes beside `WLSM_CLOSED`, `WLSM_INVALID_ARGUMENT`, `WLSM_IO`, `WLSM_CORRUPTION` and `WLSM_OUT_OF_MEMORY`, which " +
			"any of them may throw.",
	},
	{
		name: "wlsm/load",
		file: "load/index.d.ts",
		page: "load.md",
		imports: ["loadCsv", "sniffCsv"],
		intro: "Loading of CSV and JSON Lines. [loading.md](../loading.md) has the rules.",
	},
	{
		name: "wlsm/level",
		file: "level/index.d.ts",
		page: "level.md",
		imports: ["WlsmLevel"],
		intro:
			"wlsm as a database of abstract-level, in the place of classic-level. [level.md](../level.md) says what differs.",
	},
	{
		name: "wlsm/keyv",
		file: "keyv.d.ts",
		page: "keyv.md",
		imports: ["KeyvWlsm"],
		intro: "A store for [Keyv](https://keyv.org). Keyv itself is not loaded.",
	},
	{
		name: "wlsm/unstorage",
		file: "unstorage.d.ts",
		page: "unstorage.md",
		imports: [],
		intro: "A driver for [unstorage](https://unstorage.unjs.io). unstorage itself is not loaded.",
	},
	{
		name: "wlsm/kernel",
		file: "kernel/index.d.ts",
		page: "kernel.md",
		imports: ["WasmKernel", "applyBatch", "getValue"],
		intro:
			"The kernel without a database, for programs of one's own. [kernel.md](../kernel.md) has the module's binary interface, layouts " +
			"and rules; [examples/kernel.js](../../examples/kernel.js) uses most of what stands here.",
	},
];
