import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Engine } from "../../host/engine/engine.js";
import { type ByteRange, type ByteTransaction, type ByteView, Keyspace } from "../../host/engine/store.js";
import { thrown } from "../support/database.js";
import { overKernels } from "../support/openers.js";
import { Random } from "../support/random.js";

const writeSets = suite("write sets of transactions");

const SPACE = Keyspace.sql;

function engineOf(db: unknown): Engine {
	return (db as { readonly engine: Engine }).engine;
}

function bytes(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

function text(value: Uint8Array | undefined): string | undefined {
	return value === undefined ? undefined : new TextDecoder().decode(value);
}

function scanned(view: ByteView, range: ByteRange = {}): [string, string][] {
	const cursor = view.scan(SPACE, range);
	const entries: [string, string][] = [];
	for (let page = cursor.next(); page !== undefined; page = cursor.next()) {
		const part = (i: number) => new TextDecoder().decode(page.bytes.slice(page.bounds[i], page.bounds[i + 1]));
		for (let i = 0; i < page.count; i++) entries.push([part(2 * i), part(2 * i + 1)]);
	}
	return entries;
}

/** Puts an entry in place, with more room than it needs. */
function putReserved(tx: ByteTransaction, key: string, value: string, kind: "new" | "known"): void {
	const at = tx.reserve(SPACE, key.length + value.length + 50);
	tx.bytes.set(bytes(key + value), at);
	tx.putReserved(key.length, value.length, kind);
}

overKernels(writeSets, "reads, undoing and commits are those of a map", (openers) => {
	for (let seed = 1; seed <= 60; seed++) {
		const random = new Random(seed);
		const db = openers.openSync(":memory:");
		const engine = engineOf(db);
		let stored = new Map<string, string>();
		// Of some seeds mostly in ascending order.
		let behind = 0;
		const ascending = () => `key ${String(behind++ - (random.below(20) === 0 ? random.below(5) : 0)).padStart(6, "0")}`;
		const key = () => (seed % 4 === 1 ? ascending() : `key ${random.below(seed % 2 === 0 ? 12 : 300)}`);
		for (let round = 0; round < 4; round++) {
			const tx = engine.begin();
			let own = new Map(stored);
			const marks: { mark: number; own: Map<string, string> }[] = [];
			for (let step = random.below(200); step > 0; step--) {
				const name = key();
				const value = `${seed} ${step}`;
				switch (random.below(12)) {
					case 0:
						assert.equal(scanned(tx), [...own].toSorted(), `seed ${seed}`);
						break;
					case 1:
						marks.push({ mark: tx.mark(), own: new Map(own) });
						break;
					case 2: {
						const at = random.below(marks.length + 1);
						const back = marks[at];
						if (back === undefined) break;
						tx.undoTo(back.mark);
						own = new Map(back.own);
						marks.length = at + 1;
						break;
					}
					case 3: {
						if (seed % 3 !== 0) break;
						tx.deleteRange(SPACE, { gte: bytes("key 10"), lt: bytes("key 5") });
						for (const gone of own.keys()) if (gone >= "key 10" && gone < "key 5") own.delete(gone);
						break;
					}
					case 4:
					case 5:
						tx.delete(SPACE, bytes(name));
						own.delete(name);
						break;
					case 6:
					case 7:
						putReserved(tx, name, value, own.has(name) ? "known" : "new");
						own.set(name, value);
						break;
					case 8:
						tx.put(SPACE, bytes(name), bytes(value));
						own.set(name, value);
						break;
					default:
						assert.is(text(tx.get(SPACE, bytes(name))), own.get(name), `seed ${seed}`);
				}
			}
			assert.equal(scanned(tx), [...own].toSorted(), `seed ${seed}`);
			if (random.once(3)) tx.rollback();
			else {
				tx.commit();
				stored = own;
			}
			assert.equal(scanned(engine.snapshot()), [...stored].toSorted(), `seed ${seed}`);
		}
		db.closeSync();
	}
});

overKernels(writeSets, "a commit has the last write to each key alone", (openers) => {
	const db = openers.openSync(":memory:");
	const engine = engineOf(db);
	const tx = engine.begin();
	for (let number = 0; number < 300; number++) tx.put(SPACE, bytes(`key ${number % 3}`), bytes(`${number}`));
	tx.commit();
	assert.is(engine.figures.commits.operations, 3);
	assert.equal(scanned(engine.snapshot()), [
		["key 0", "297"],
		["key 1", "298"],
		["key 2", "299"],
	]);
	db.closeSync();
});

overKernels(writeSets, "what was undone is not committed and conflicts with nothing", (openers) => {
	const db = openers.openSync(":memory:");
	const engine = engineOf(db);
	const tx = engine.begin();
	tx.put(SPACE, bytes("a"), bytes("1"));
	const mark = tx.mark();
	tx.put(SPACE, bytes("b"), bytes("1"));
	assert.is(scanned(tx).length, 2);
	tx.undoTo(mark);
	const other = engine.begin();
	other.put(SPACE, bytes("b"), bytes("2"));
	other.commit();
	tx.commit();
	assert.equal(scanned(engine.snapshot()), [
		["a", "1"],
		["b", "2"],
	]);
	db.closeSync();
});

overKernels(writeSets, "a scan that was begun goes on over what is undone meanwhile", (openers) => {
	const db = openers.openSync(":memory:");
	const engine = engineOf(db);
	for (const withRange of [false, true]) {
		const tx = engine.begin();
		for (let number = 100; number < 400; number++) tx.put(SPACE, bytes(`${number}`), bytes("x"));
		if (withRange) tx.deleteRange(SPACE, { gte: bytes("2"), lt: bytes("3") });
		const cursor = tx.scan(SPACE, {});
		let count = cursor.next()?.count ?? 0;
		tx.undoTo(0);
		assert.equal(scanned(tx), []);
		for (let page = cursor.next(); page !== undefined; page = cursor.next()) count += page.count;
		assert.is(count, withRange ? 200 : 300);
		tx.rollback();
	}
	db.closeSync();
});

overKernels(writeSets, "what a get answers is the caller's own, whatever is read and written after it", (openers) => {
	const db = openers.openSync(":memory:");
	const engine = engineOf(db);
	const value = (number: number) => `${number} `.repeat(number % 7 === 0 ? 2000 : number % 50);
	const write = (tx: ByteTransaction, suffix: string) => {
		for (let number = 0; number < 300; number++) tx.put(SPACE, bytes(`${number}`), bytes(value(number) + suffix));
	};
	const committed = engine.begin();
	write(committed, "old");
	committed.commit();
	const tx = engine.begin();
	const read = () => Array.from({ length: 300 }, (_, number) => tx.get(SPACE, bytes(`${number}`)));
	const old = read();
	write(tx, "new");
	const own = read();
	write(tx, "newer");
	read();
	tx.rollback();
	for (let number = 0; number < 300; number++) {
		assert.is(text(old[number]), `${value(number)}old`);
		assert.is(text(own[number]), `${value(number)}new`);
		assert.not.instance(old[number], Buffer);
	}
	db.closeSync();
});

overKernels(writeSets, "what does not fit the memory is refused, and the transaction can go on", (openers) => {
	const db = openers.openSync(":memory:", { memoryBytes: 4 << 20 });
	const tx = engineOf(db).begin();
	const value = new Uint8Array(300_000);
	for (let number = 0; number < 10; number++) tx.put(SPACE, bytes(`${number}`), value);
	thrown(() => {
		for (let number = 10; number < 20; number++) tx.put(SPACE, bytes(`${number}`), value);
	}, "WLSM_OUT_OF_MEMORY");
	tx.undoTo(1);
	tx.commit();
	assert.is(scanned(engineOf(db).snapshot()).length, 1);
	db.closeSync();
});

writeSets.run();
