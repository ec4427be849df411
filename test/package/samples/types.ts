/* Is compiled, not run: what the declarations say of each entry of the package. */
import { type Database, type OpenOptions, open, openSync, type SqlValue, WlsmError } from "wlsm";
import { createKernel, type Kernel, kernelUrl } from "wlsm/kernel";
import artifact from "wlsm/kernel.wasm";
import { KeyvWlsm } from "wlsm/keyv";
import { WlsmLevel } from "wlsm/level";
import { type LoadSummary, loadCsv } from "wlsm/load";
import {
	bigint,
	blob,
	boolean,
	date,
	integer,
	json,
	type RowOf,
	real,
	type StoredRow,
	table,
	text,
	timestamp,
} from "wlsm/typed";
import wlsmDriver, { type WlsmDriver } from "wlsm/unstorage";

/** Compiles where both types are the same. */
type Same<One, Other> = [One, Other] extends [Other, One] ? true : never;
const is = <Answer extends true>(answer: Answer): Answer => answer;

export const users = table(
	"users",
	{
		id: integer().primaryKey(),
		name: text().notNull().named("full_name"),
		visits: bigint(),
		score: real(),
		photo: blob(),
		isActive: boolean().notNull().default(true),
		settings: json<{ readonly theme: string }>(),
		born: date(),
		joined: timestamp().defaultNow(),
	},
	{ unique: [["name", "born"]] },
);
export const active = users.where({ isActive: true });
export const { insert, upsert, where, findByName } = users;
is<Same<StoredRow<typeof users>["full_name"], string>>(true);

export async function program(options: OpenOptions): Promise<void> {
	const db: Database = await open("db", { ...options, keyEncoding: "utf8", valueEncoding: "utf8" });
	const found = await db.get("key");
	is<Same<typeof found, string | undefined>>(true);
	for await (const [key, value] of db.entries({ prefix: "a", limit: 10 })) is<Same<typeof key, typeof value>>(true);
	const bytes = openSync("db", { valueEncoding: "view" }).getSync("key");
	is<Same<typeof bytes, Uint8Array | undefined>>(true);
	const kept: number = await db.transaction(async (tx) => {
		await tx.put("a", "b");
		return 1;
	});
	const row: SqlValue | undefined = db.sql.prepare("SELECT ?").pluck().get(kept) as SqlValue;
	// @ts-expect-error: there is no such option
	await open("db", { compress: true });
	const summary: LoadSummary = await loadCsv(db, ["a.csv", "b.csv.gz"], { table: "t", parallel: 2 });
	const level = new WlsmLevel<string, { readonly name: string }>("level", { valueEncoding: "json" });
	const name: string | undefined = (await level.get("a"))?.name;
	await new KeyvWlsm(db).set("a", summary.loaded, 1000);
	const driver: WlsmDriver = wlsmDriver({ location: ":memory:" });
	const user: RowOf<typeof users> = users.insert(db, { name: "Ada" });
	is<Same<typeof user.visits, bigint | null>>(true);
	// @ts-expect-error: there is no such column
	users.insert(db, { nme: "Ada" });
	const kernel: Kernel = createKernel("wasm", { memoryBytes: 1 << 22, blockCacheBytes: 0 });
	const unknownArtifact: unknown = artifact;
	console.log(row, name, driver.name, kernel.name, kernelUrl.href, unknownArtifact);
	try {
		await db.close();
	} catch (error) {
		if (error instanceof WlsmError && error.code === "WLSM_IO") console.error(error.file, error.cause);
	}
}
