import { test } from "uvu";
import * as assert from "uvu/assert";
import { columnNames, findColumn, numberedColumns } from "../../host/csv/header.js";

test("equal, empty and padded names become different ones", () => {
	assert.equal(columnNames(["a", " b ", "", "A", "a"]), ["a", "b", "column_3", "A_2", "a_3"]);
	assert.equal(columnNames(["a", "a", "a_2"]), ["a", "a_3", "a_2"]);
	assert.equal(columnNames(["", "column_1"]), ["column_1_2", "column_1"]);
	assert.equal(columnNames(["__proto__", "constructor", "toString"]), ["__proto__", "constructor", "toString"]);
	assert.equal(numberedColumns(2), ["column_1", "column_2"]);
});

test("names are always different", () => {
	const names = ["", "a", "A", "a_2", "A_2", "a_2_2", "column_1", "Column_1", " a"];
	for (let round = 0; round < 500; round++) {
		const header = Array.from({ length: 6 }, (_, i) => names[(round * 7 + i * (round + 3)) % names.length] ?? "");
		const made = columnNames(header).map((name) => name.toLowerCase());
		assert.is(new Set(made).size, header.length, JSON.stringify(header));
	}
});

test("a column is found by its name, the exact one first", () => {
	assert.is(findColumn(["a", "A"], "A"), 1);
	assert.is(findColumn(["zip_code"], "ZIP_CODE"), 0);
	assert.is(findColumn(["a"], "b"), -1);
});

test.run();
