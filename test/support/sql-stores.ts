/** The stores that SQL tests run over: the fake, and the real engine where it can be opened. */

import type { ByteStore } from "../../host/engine/store.js";
import type { OpenOptions } from "../../host/options.js";
import { SqlDatabase } from "../../host/sql/index.js";
import { kernels } from "./kernels.js";
import { MemoryStore } from "./memory-store.js";

export interface SqlStore {
	readonly name: string;
	open(): { readonly sql: SqlDatabase; close(): void };
}

interface EngineModule {
	openSync?: (location: string, options: OpenOptions) => { readonly sql: SqlDatabase; closeSync(): void };
}

/** Also checks, on closing, that no cursor or snapshot was left open. */
const fake: SqlStore = {
	name: "fake store",
	open: () => {
		const store = new MemoryStore();
		return {
			sql: new SqlDatabase(store as ByteStore),
			close: () => {
				if (store.open !== 0) throw new Error(`${store.open} cursors or snapshots were left open`);
			},
		};
	},
};

export async function sqlStores(): Promise<SqlStore[]> {
	// By a variable, so that these tests also compile and run without the engine.
	const path = "../../host/index.js";
	const engine = await (import(path) as Promise<EngineModule>).catch(() => undefined);
	const openSync = engine?.openSync;
	if (openSync === undefined) return [fake];
	const real = kernels.map(
		(kernel): SqlStore => ({
			name: `engine in memory, kernel ${kernel}`,
			open: () => {
				const db = openSync(":memory:", { kernel });
				return { sql: db.sql, close: () => db.closeSync() };
			},
		}),
	);
	return [fake, ...real];
}
