/** That it compiles is most of the test. */

import type { AbstractLevel, AbstractSublevel } from "abstract-level";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LevelDatabaseOptions, WlsmLevel } from "../../host/level/index.js";

/** Compiles where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._same: Same<A, B> extends true ? [] : [never]) => {};

interface User {
	readonly name: string;
}

const types = suite("types of WlsmLevel");

types("are those of its keys and values, and of the encodings of a call", async () => {
	const text = new WlsmLevel(":memory:");
	const users = new WlsmLevel<number, User>(":memory:", { valueEncoding: "json", memtableBytes: 1 << 20 });
	// What takes any abstract-level takes these.
	const abstract: AbstractLevel<string | Buffer | Uint8Array, string, string> = text;
	assert.is(abstract, text);
	await users.put(1, { name: "Ada" }, { sync: true, ttlMs: 60_000 });
	const user = await users.get(1);
	same<typeof user, User | undefined>();
	const now = users.getSync(1);
	same<typeof now, User | undefined>();
	const many = await users.getMany([1]);
	same<typeof many, (User | undefined)[]>();
	const raw = await users.get<string, Uint8Array>("1", { keyEncoding: "utf8", valueEncoding: "view" });
	same<typeof raw, Uint8Array | undefined>();
	for await (const [key, value] of users.iterator({ gt: 0 })) {
		same<typeof key, number>();
		same<typeof value, User>();
	}
	for await (const key of users.keys()) same<typeof key, number>();
	await users.batch([{ type: "put", key: 2, value: { name: "Grace" }, ttlMs: 1000 }], { sync: true });
	await users.batch().put(3, { name: "Joan" }).del(2).write({ sync: true });
	const part: AbstractSublevel<typeof users, string | Buffer | Uint8Array, string, User> = users.sublevel<string, User>(
		"part",
		{ valueEncoding: "json" },
	);
	await part.put("a", { name: "Barbara" });
	const size: number = await users.approximateSize(1, 2);
	assert.type(size, "number");
	const options: LevelDatabaseOptions<string, string> = { compression: false, kernel: "ts", readOnly: false };
	assert.ok(options);
	const wrong = () => {
		// @ts-expect-error: the keys are numbers
		void users.put("1", { name: "Ada" });
		// @ts-expect-error: the values are users
		void users.put(1, "Ada");
		// @ts-expect-error: no such option
		void users.put(1, { name: "Ada" }, { synced: true });
		// @ts-expect-error: no such option
		new WlsmLevel(":memory:", { cacheSize: 1 });
	};
	assert.type(wrong, "function");
	await users.close();
	await text.close();
});

types.run();
