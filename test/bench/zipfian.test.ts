import { suite } from "uvu";
import * as assert from "uvu/assert";
import { permutation } from "../../bench/data.js";
import { randomSource } from "../../bench/support.js";
import { fnv64, scrambledZipfian, skewedLatest } from "../../bench/zipfian.js";

const test = suite("distributions of the benchmarks");

const RECORDS = 1000;
const DRAWS = 20_000;

/** How often each record was drawn. */
function histogram(choose: (records: number) => number): Uint32Array {
	const counts = new Uint32Array(RECORDS);
	for (let draw = 0; draw < DRAWS; draw++) {
		const record = choose(RECORDS);
		assert.ok(Number.isInteger(record) && record >= 0 && record < RECORDS, `record ${record}`);
		counts[record] = (counts[record] as number) + 1;
	}
	return counts;
}

test("FNV-1a over the bytes of a number", () => {
	// Eight zero bytes only multiply: the offset times the prime to the eighth.
	const product = BigInt.asIntN(64, 0xcbf29ce484222325n * 1099511628211n ** 8n);
	assert.is(fnv64(0), product < 0n ? -product : product);
	assert.is.not(fnv64(1), fnv64(256));
});

test("scrambled zipfian: the first item has its share, and the popular ones lie anywhere", () => {
	const counts = histogram(scrambledZipfian(randomSource(1)));
	const first = Number(fnv64(0) % BigInt(RECORDS));
	// 1 / 26.469 of all draws are of item 0; others fold onto the same record.
	assert.ok((counts[first] as number) > (0.9 * DRAWS) / 26.469, `${counts[first]} draws of the first item`);
	assert.is(Math.max(...counts), counts[first]);
	assert.is.not(first, 0);
});

test("latest: the last record is drawn most, the first hardly", () => {
	const counts = histogram(skewedLatest(randomSource(1)));
	let zeta = 0;
	for (let item = 1; item <= RECORDS; item++) zeta += item ** -0.99;
	const expected = DRAWS / zeta;
	const last = counts[RECORDS - 1] as number;
	assert.ok(Math.abs(last - expected) < 0.1 * expected, `${last} draws of the last record, not about ${expected}`);
	assert.ok((counts[0] as number) < expected / 100);
});

test("a permutation has every number once", () => {
	for (const count of [1, 2, 3, 1000, 4096, 5000]) {
		const order = permutation(count, 7);
		const seen = new Set(Array.from({ length: count }, (_, index) => order(index)));
		assert.is(seen.size, count);
		assert.ok([...seen].every((index) => index >= 0 && index < count));
	}
});

test.run();
