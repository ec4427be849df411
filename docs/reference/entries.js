// The entries of the package that are documented, in the order in which a name that several of them have is looked for. `computed` are types
// that the compiler works out: their comments say what they are, and what they are made of is not shown.

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
		computed: ["QueryParameters", "QueryRow", "QueryText"],
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
		name: "wlsm/typed",
		file: "typed/index.d.ts",
		page: "typed.md",
		imports: ["table", "integer", "text"],
		intro:
			"Tables that are declared in TypeScript. [TYPED.md](../TYPED.md) says when to use them and when queries in SQL. " +
			"[table](#table-) declares one; [TableMethods](#tablemethods), [Finders](#finders) and [Selection](#selection) are what it does.",
		computed: [
			"ExposedColumns",
			"FindIn",
			"FindableName",
			"InsertIn",
			"InsertOf",
			"KeyIn",
			"PrimaryTarget",
			"RowIn",
			"RowOf",
			"StoredRow",
			"TargetIn",
			"TestIn",
			"UniqueName",
			"UpdateIn",
			"UpdateOf",
			"UpsertIn",
			"ValueOf",
		],
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
