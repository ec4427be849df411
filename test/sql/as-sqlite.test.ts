/** Sessions of statements, each of which answers here what it answers in SQLite at the same moment. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Outcome } from "./fuzz/engines.js";
import { ourEngine, ReferenceEngine } from "./fuzz/engines.js";

const SESSIONS: Readonly<Record<string, readonly string[]>> = {
	"columns of NEW and OLD have no affinity in comparisons, the rowid has": [
		"CREATE TABLE t (k INTEGER PRIMARY KEY, a, b DECIMAL, c TEXT COLLATE NOCASE, d INTEGER)",
		"CREATE TABLE log (text)",
		`CREATE TRIGGER added AFTER INSERT ON t BEGIN
			INSERT INTO log VALUES (new.a <= new.b), (new.a = new.b), (new.a BETWEEN 1 AND new.b), (new.d = '2'), ('2' = new.d);
			INSERT INTO log VALUES (new.d IN ('2', '3')), (new.a IN (SELECT d FROM t)), (new.d IN (SELECT a FROM t)), (new.c = 2);
			INSERT INTO log VALUES (new.k = '1'), (new.rowid IN ('1')), ('0' < new.oid), (new.c = 'X'), ((new.a, 1) <= (new.b, 1));
			INSERT INTO log VALUES ((SELECT new.d) = '2'), (CASE new.d WHEN '2' THEN 1 ELSE 0 END), (CAST(new.d AS TEXT) = 2);
			INSERT INTO log SELECT v.d = '2' FROM (SELECT new.d AS d) AS v;
			INSERT INTO log SELECT count(*) FROM t WHERE t.a BETWEEN 1 AND new.b OR t.d = new.a;
		END`,
		"CREATE TRIGGER changed BEFORE UPDATE ON t WHEN old.d = '2' OR new.d = '3' BEGIN INSERT INTO log VALUES ('changed'); END",
		"INSERT INTO t VALUES (1, '2', 3, '2', 2), (2, 2, '2', 'x', '4')",
		"UPDATE t SET d = 3 WHERE k = 1",
		"CREATE VIEW v AS SELECT k, c, d FROM t",
		`CREATE TRIGGER shown INSTEAD OF UPDATE ON v BEGIN
			INSERT INTO log VALUES (new.d = '3'), (old.d = '3'), (new.k = '1'), (old.c = 'X'), (new.c = 'X');
		END`,
		"UPDATE v SET c = 'y'",
		"SELECT * FROM log",
	],
};

const shown = (outcome: Outcome) =>
	JSON.stringify(outcome, (_, value) => (typeof value === "bigint" ? `integer ${value}` : value));

const test = suite("as SQLite");

for (const [name, statements] of Object.entries(SESSIONS)) {
	test(name, () => {
		const ours = ourEngine();
		const reference = new ReferenceEngine();
		for (const sql of statements) assert.equal(shown(ours.run(sql)), shown(reference.run(sql)), sql);
		assert.is(ours.close(), "");
		reference.close();
	});
}

test.run();
