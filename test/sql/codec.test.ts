import { suite } from "uvu";
import * as assert from "uvu/assert";
import { IndexKeyWriter, readRowId, rowKey } from "../../host/sql/codec/key.js";
import { isReadable, KeyReader } from "../../host/sql/codec/key-reader.js";
import { RowSource } from "../../host/sql/codec/row.js";
import { RowWriter } from "../../host/sql/codec/row-writer.js";
import { compareValues } from "../../host/sql/value/compare.js";
import { applyAffinity } from "../../host/sql/value/convert.js";
import type { Value } from "../../host/sql/value/value.js";
import { real } from "../../host/sql/value/value.js";

const test = suite("SQL codecs");

const VALUES: readonly Value[] = [
	null,
	-(2n ** 63n),
	-9007199254740993n,
	real(-9007199254740992),
	-9007199254740991,
	real(-1e300),
	-2147483649,
	-2147483648,
	-1.5,
	-1,
	0,
	real(0),
	5e-324,
	0.5,
	1,
	real(1),
	1.5,
	2147483647,
	2147483648,
	real(4294967296),
	9007199254740991,
	real(9007199254740992),
	9007199254740993n,
	2n ** 63n - 1n,
	real(2 ** 63),
	1e300,
	Number.POSITIVE_INFINITY,
	"",
	"\0",
	"\0a",
	"a",
	"a\0",
	"ab",
	"é",
	"\uffff",
	"\u{1f600}",
	new Uint8Array(0),
	new Uint8Array([0]),
	new Uint8Array([0, 255]),
	new Uint8Array([1]),
	new Uint8Array([255]),
];

test("keys of indexes are in the order of their values, in both directions", () => {
	const writer = new IndexKeyWriter();
	for (const descending of [false, true]) {
		for (const a of VALUES) {
			for (const b of VALUES) {
				const keyA = writer.begin(1).value(a, "binary", descending).rowId(5).finish();
				const keyB = writer.begin(1).value(b, "binary", descending).rowId(5).finish();
				const order = compareValues(a, b, "binary") * (descending ? -1 : 1);
				assert.is(Math.sign(Buffer.compare(keyA, keyB)), Math.sign(order) + 0, `${String(a)} ${String(b)}`);
			}
		}
	}
});

test("keys of rows are in the order of their rowids", () => {
	const ids = [
		-(2n ** 63n),
		-9007199254740993n,
		-9007199254740991,
		-4294967297,
		-1,
		0,
		1,
		4294967295,
		4294967296,
		9007199254740991,
		9007199254740993n,
		2n ** 63n - 1n,
	];
	const keys = ids.map((id) => rowKey(7, id));
	assert.equal(
		keys.map((key) => readRowId(key, 4)),
		ids,
	);
	assert.equal([...keys].sort(Buffer.compare), keys);
});

test("a row gives back what it was given, narrow and wide", () => {
	for (const more of ["", "x".repeat(70_000)]) {
		const row = [...VALUES, more];
		const bytes = new RowWriter().encode(row);
		const padded = new Uint8Array(bytes.length + 20);
		padded.set(bytes, 10);
		const source = new RowSource(padded);
		for (const [i, value] of row.entries()) assert.equal(source.column(10, 10 + bytes.length, i), value, String(value));
		assert.is(source.column(10, 10 + bytes.length, row.length), undefined);
	}
});

test("the example of ROW_FORMAT.md", () => {
	const bytes = new RowWriter().encode([null, 7, "Zoë", 2.5, real(3)]);
	assert.is(
		Buffer.from(bytes).toString("hex"),
		"0100050000010603040000000007000000" + "1d000400" + "21000800" + "03000000" + "5a6fc3ab" + "0000000000000440",
	);
});

test("damaged rows are corruption", () => {
	const bytes = new RowWriter().encode(["abc", 1.5, 3]);
	for (let i = 0; i < bytes.length; i++) {
		for (const flip of [1, 0x80, 0xff]) {
			const damaged = bytes.slice();
			damaged[i] = (damaged[i] as number) ^ flip;
			for (let column = 0; column < 3; column++) {
				try {
					new RowSource(damaged).column(0, damaged.length, column);
				} catch (error) {
					assert.is((error as { code?: string }).code, "WLSM_CORRUPTION");
				}
			}
		}
	}
});

test("values in keys of indexes are read back where the key tells them", () => {
	const reader = new KeyReader();
	const texts = ["", "a", "a\0b", "\0", "\u00e4\u{1f600}", "z".repeat(300)];
	const blobs = [new Uint8Array(0), new Uint8Array([0, 255, 0]), new Uint8Array([1, 2, 3])];
	const numbers = [0, 1, -1, 2 ** 53 - 1, 9007199254740993n, 2n ** 63n - 1n, -(2n ** 63n) + 1n, 1.5, -1e300, Infinity];
	for (const affinity of ["integer", "numeric", "real", "text"] as const) {
		for (const descending of [false, true]) {
			const shape = { affinity, collation: "binary" as const, descending };
			for (const value of [null, ...texts, ...blobs, ...numbers].map((each) => applyAffinity(each, affinity))) {
				const key = new IndexKeyWriter()
					.begin(7)
					.value(1, "binary", false)
					.value(value, "binary", descending)
					.rowId(5)
					.finish();
				const start = reader.valueEnd(key, 4, false);
				assert.is(reader.valueEnd(key, start, descending), key.length - 8);
				assert.equal(reader.value(key, start, shape), value);
			}
		}
	}
	// The INTEGER and the REAL of this value are the same bytes, and both are kept as they are.
	const least = new IndexKeyWriter()
		.begin(7)
		.value(-(2n ** 63n), "binary", false)
		.finish();
	assert.is(reader.value(least, 4, { affinity: "integer", collation: "binary", descending: false }), undefined);
	assert.is(isReadable({ affinity: "blob", collation: "binary", descending: false }), false);
	assert.is(isReadable({ affinity: "text", collation: "nocase", descending: false }), false);
	assert.throws(() => reader.valueEnd(new Uint8Array([0, 0, 0, 7, 0x20, 0x41]), 4, false), /damaged/);
});

test.run();
