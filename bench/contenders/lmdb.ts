import type { ContenderMaker, ScanRange, Visit } from "../contenders.js";

interface Lmdb {
	put(key: string, value: string): Promise<boolean>;
	putSync(key: string, value: string): boolean;
	transaction(work: () => void): Promise<void>;
	get(key: string): string | undefined;
	getMany(keys: readonly string[]): Promise<(string | undefined)[]>;
	getRange(options: object): { forEach(visit: (entry: { key: string; value: string }) => void): void };
	getKeys(): { forEach(visit: (key: string) => void): void };
	close(): Promise<void>;
}

export function lmdb(module: Record<string, unknown>): ContenderMaker {
	const openStore = module.open as (options: object) => Lmdb;
	return {
		name: "lmdb",
		async open(directory, { sync }) {
			// Its cache is the system's page cache, whatever the others' are.
			const db = openStore({ path: directory, encoding: "string", noSync: sync === "none" });
			const scanSync = (visit: Visit, range?: ScanRange) => {
				const options = range === undefined ? {} : { start: range.from, limit: range.limit };
				db.getRange(options).forEach(({ key, value }) => {
					visit(key, value);
				});
			};
			const scanKeysSync = (visit: (key: string) => void) => db.getKeys().forEach(visit);
			return {
				put: (key, value) => db.put(key, value),
				putSync: (key, value) => {
					db.putSync(key, value);
				},
				batch: (entries) =>
					db.transaction(() => {
						for (const { key, value } of entries) void db.put(key, value);
					}),
				get: (key) => db.get(key),
				getSync: (key) => db.get(key),
				getMany: (keys) => db.getMany(keys),
				scan: scanSync,
				scanSync,
				scanKeys: scanKeysSync,
				scanKeysSync,
				scanReverse(visit) {
					db.getRange({ reverse: true }).forEach(({ key, value }) => {
						visit(key, value);
					});
				},
				close: () => db.close(),
			};
		},
	};
}
