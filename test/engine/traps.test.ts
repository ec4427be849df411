import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Engine } from "../../host/engine/engine.js";
import { type Database, openSync } from "../../host/index.js";
import type { WasmKernel } from "../../host/kernel/index.js";
import { Traps } from "../../host/kernel/wasm/traps.js";
import { rejected, thrown } from "../support/database.js";

/* A trap of the module reaches nobody as such: it is WLSM_CORRUPTION, writing ends, and what is on disk stays. */

const traps = suite<{ directory: string }>("traps");
traps.before.each((context) => {
	context.directory = join(mkdtempSync(join(tmpdir(), "wlsm-traps-")), "db");
});
traps.after.each(({ directory }) => rmSync(join(directory, ".."), { recursive: true, force: true }));

const OPTIONS = { memtableBytes: 64 << 10, blockBytes: 512, background: "inline" } as const;
const COUNT = 2000;
const keyOf = (index: number) => `key ${String(index).padStart(5, "0")}`;

/** Makes the allocator's free lists lead out of the memory: see assembly/memory/allocator.ts. */
function breakFreeLists(db: object): void {
	// @ts-expect-error: the engine is not part of the public interface.
	const { memory } = (db.engine as Engine).kernel as WasmKernel;
	const heads = (2048 + 4 + 4 * 25) >>> 2;
	memory.words.fill(0xffffff00, heads, heads + 25 * 16);
}

const WORKS: Record<string, (db: Database) => unknown> = {
	"a transaction that looks through what it wrote": (db) =>
		db.transactionSync((tx) => {
			tx.putSync("a", "b");
			return [...tx.keys()];
		}),
	"a batch": (db) => db.batchSync([{ type: "put", key: "a", value: "b".repeat(300_000) }]),
	"a range deletion": (db) => db.deleteRange({ gte: "a", lt: "b" }),
	"a scan": (db) => db.entries(),
	"a read": (db) => db.getSync(keyOf(7)),
	"a read that waits": (db) => db.get(keyOf(7)),
	"reads of many keys": (db) => db.getMany([keyOf(7), keyOf(1700)]),
	SQL: (db) => db.sql.exec("CREATE TABLE t (a)"),
	"a flush": (db) => db.flush(),
	"a compaction": (db) => db.compact(),
};

for (const [what, work] of Object.entries(WORKS)) {
	traps(`${what} of a kernel that is broken`, async ({ directory }) => {
		const db = openSync(directory, OPTIONS);
		for (let index = 0; index < COUNT; index++) db.putSync(keyOf(index), `${index}`);
		await db.flush();
		db.putSync("more", "1");
		const scan = db.entries();
		breakFreeLists(db);
		const error = await rejected(async () => work(db), "WLSM_CORRUPTION");
		assert.match(
			error.message,
			"The kernel found an invariant broken (memory access out of bounds). Close the database",
		);
		assert.is((error.cause as Error).name, "RuntimeError");
		for (const later of [() => db.putSync("a", "b"), () => db.transactionSync((tx) => tx.deleteSync("a"))])
			assert.match(thrown(later, "WLSM_CORRUPTION").message, "Nothing is written since an earlier failure");
		await rejected(() => db.compact(), "WLSM_CORRUPTION");
		// Nothing that takes memory goes to the module any more.
		for (let time = 0; time < 2; time++)
			assert.match(thrown(() => db.entries(), "WLSM_CORRUPTION").message, "found an invariant broken (memory access");
		assert.is(db.getSync("more"), "1", "what is in memory can be read");
		scan.close();
		await db.close();

		const again = openSync(directory, OPTIONS);
		for (let index = 0; index < COUNT; index++) assert.is(again.getSync(keyOf(index)), `${index}`);
		assert.equal((await again.verify()).problems, []);
		await again.close();
	});
}

traps("a kernel that breaks while the database is closed", async ({ directory }) => {
	const db = openSync(directory, OPTIONS);
	db.putSync("a", "1", { sync: true });
	breakFreeLists(db);
	// Memory that is given back meets the free lists too.
	await db.close().catch((error) => assert.is(error.code, "WLSM_CORRUPTION"));
	const again = openSync(directory, OPTIONS);
	assert.is(again.getSync("a"), "1");
	await again.close();
});

/** A module whose only function calls itself. */
const RECURSIVE = [
	0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 16, 0, 11,
];

traps("a stack that ran out is a trap where that was in the module, and no other time", () => {
	const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyParts }).WebAssembly;
	const { f: recursive } = new Instance(new Module(Uint8Array.from(RECURSIVE))).exports;
	const states = new Traps();
	const { f } = states.guard({ f: recursive } as never) as unknown as { readonly f: () => number };
	const outside = (): number => outside() + 1;
	assert.throws(outside, RangeError);
	assert.is(states.of(new RangeError("Maximum call stack size exceeded")), undefined);
	assert.is(states.broken, undefined);
	assert.throws(f);
	assert.is(states.broken?.code, "WLSM_CORRUPTION");
	assert.is(thrown(f, "WLSM_CORRUPTION"), states.broken);
	assert.throws(() => states.enter(), /stack ended/);
});

interface WebAssemblyParts {
	readonly Module: new (bytes: Uint8Array) => object;
	readonly Instance: new (module: object) => { readonly exports: { readonly f?: () => void } };
}

traps.run();
