import { suite } from "uvu";
import * as assert from "uvu/assert";
import { thrown } from "../support/database.js";
import { overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

const encodings = suite("encodings");

overKernels(encodings, "buffer: Buffers in every way that there is to read, each a copy", async ({ openSync }) => {
	const options = { keyEncoding: "buffer", valueEncoding: "buffer", background: "inline" } as const;
	const db = openSync(":memory:", options);
	const random = new Random(1);
	const given = Array.from(
		{ length: 300 },
		() => [Buffer.from(random.bytes(8)), Buffer.from(random.bytes(50))] as const,
	);
	for (const [index, [key, value]] of given.entries()) {
		if (index === 150) await db.flush();
		db.putSync(key, value);
	}
	const expected = [...new Map(given.map(([key, value]) => [key.toString("hex"), value.toString("hex")]))].sort();
	const hex = (entries: Iterable<readonly [Buffer, Buffer]>) =>
		[...entries].map((entry) => entry.map((bytes) => (Buffer.isBuffer(bytes) ? bytes.toString("hex") : "no Buffer")));
	assert.equal(hex(db.entries()), expected);
	assert.equal(hex(await db.entries().all()), expected);
	for (const [key, value] of given.slice(-20)) {
		const got = db.getSync(key) as Buffer;
		assert.ok(Buffer.isBuffer(got) && got.equals(value));
		got.fill(0);
		const again = await db.get(key);
		assert.ok(Buffer.isBuffer(again) && again.equals(value));
		const [one] = await db.getMany([key]);
		assert.ok(Buffer.isBuffer(one) && one.equals(value));
	}
	thrown(() => db.putSync("text" as unknown as Buffer, Buffer.alloc(1)), "WLSM_INVALID_ARGUMENT");
	db.closeSync();
});

encodings.run();
