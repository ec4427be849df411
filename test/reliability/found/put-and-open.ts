import type { ModelCase } from "../../support/model-case.js";

/** What is left of every case that fails where logs lose their last record: the least that a database must do. */
export const found: ModelCase = {
	seed: 0,
	place: "memory",
	keyEncoding: "utf8",
	valueEncoding: "utf8",
	options: { blockBytes: 64, memtableBytes: 16 << 10, background: "inline" },
	steps: [
		{ do: "put", mode: "sync", key: "key", value: "value", sync: undefined },
		{ do: "reopen", how: "crash", options: { blockBytes: 64, memtableBytes: 16 << 10, background: "inline" } },
	],
};
