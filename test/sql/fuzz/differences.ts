/** Where this engine differs from SQLite 3.40.1 on purpose, or where that version has an error of its own. */

import type { Difference } from "./compare.js";

export interface Deliberate {
	readonly reason: string;
	/** Whether this is what happened. */
	matches(sql: string, difference: Difference): boolean;
}

/** Equal, but for the class of numbers. */
function sameButClass({ kind, expected, actual }: Difference): boolean {
	const numbers = (text: string) => text.replace(/-?\d[\d.]*(e[+-]\d+)?/g, (number) => String(Number(number)));
	return kind === "rows" && numbers(expected) === numbers(actual);
}

export const DELIBERATE: readonly Deliberate[] = [
	{
		reason:
			"SQLite's RETURNING takes a column's class from another column: whole numbers come as INTEGER or REAL by accident",
		matches: (sql, difference) => /\bRETURNING\b/i.test(sql) && sameButClass(difference),
	},
	{
		reason:
			"SQLite's RETURNING takes NOT NULL from another column too: in a table WITHOUT ROWID, NULL IS NULL may come as 0",
		matches: (sql, { kind }) => kind === "rows" && /\bRETURNING\b.*\b(IS|ISNULL|NOTNULL|NOT NULL)\b/is.test(sql),
	},
	{
		reason:
			"A column of a compound that is REAL in its first SELECT may come as REAL from the others too, by SQLite's plan",
		matches: (sql, difference) => /\b(UNION|INTERSECT|EXCEPT)\b/i.test(sql) && sameButClass(difference),
	},
	{
		reason:
			"SQLite calls a CHECK that begins with a quoted word by this word alone; here it is called by its text, as all others",
		matches: (_, { kind, actual }) => kind === "constraint" && /^CHECK constraint failed: ['"`[]/.test(actual),
	},
	{
		reason:
			"Doubles beyond 2^53 as text: the reference is built without 80-bit floating point and ends their digits early; a native SQLite 3.40.1 prints what is printed here",
		matches: (_, { kind, expected, actual }) =>
			(kind === "rows" || kind === "state") && /\d\.\d{16}/.test(actual) && sameToSixteenDigits(expected, actual),
	},
	{
		reason: "Where the greatest rowid is taken, the next ones are chosen at random, in both",
		matches: (_, { kind, expected, actual }) => {
			const rows = (text: string) =>
				text
					.replace(/^[^(]*/, "")
					.replace(/\d{12,}/g, "#")
					.split(/(?<=\)) /)
					.sort()
					.join();
			return kind === "state" && expected.includes("9223372036854775807") && rows(expected) === rows(actual);
		},
	},
	{
		reason: "The same digits, counted",
		matches: (sql, { kind }) => (kind === "rows" || kind === "state") && /\blength\(.*\bquote\(/s.test(sql),
	},
	{
		reason:
			"SQLite does not find a UNIQUE constraint that includes the INTEGER PRIMARY KEY as the target of an upsert, though its documentation allows every UNIQUE constraint",
		matches: (sql, { kind, expected }) =>
			/accepted|constraint|state/.test(kind) &&
			/ON CONFLICT \([^()]*,/i.test(sql) &&
			/^(refused: )?(\w+ )?ON CONFLICT clause does not match/.test(expected),
	},
	{
		reason:
			"x IN (SELECT …) compares in doubles in SQLite where one side is a REAL column; here exactly, as x IN (…) and x = … do in both",
		matches: (sql, { kind }) => kind === "rows" && /\bIN \(/.test(sql) && /900719925474099/.test(sql),
	},
	{
		reason: "SQLite loses rows of the right side of a RIGHT or FULL JOIN where a join before it can never be true",
		// What the rows are used for differs too: what is stored of them, or refused.
		matches: (sql, { kind }) =>
			(kind === "rows" || kind === "state" || kind === "refused") &&
			/\b(RIGHT|FULL) JOIN\b/.test(sql) &&
			/\b(ON|AND) \(*(NULL\b|FALSE\b|0\b|')/.test(sql),
	},
	{
		reason: "SQLite's integrity_check mistakes columns of tables WITHOUT ROWID for one another",
		matches: (sql, { kind, expected, actual }) =>
			kind === "rows" && /pragma_integrity_check/.test(sql) && / value in /.test(expected) && actual === "('ok')",
	},
	{
		reason: "Where one view cannot be read, SQLite's pragma_table_list shows 0 columns of others too",
		matches: (sql, { kind, expected, actual }) => {
			const rows = (text: string) => text.replace(/('view', '\w+'), \d+/g, "$1").match(/\(.*?\)/g);
			const [theirs, ours] = [expected, actual].map((text) => rows(text)?.sort().join());
			return kind === "rows" && /pragma_table_list/.test(sql) && / 0, 0, 0\)/.test(expected) && theirs === ours;
		},
	},
	{
		reason: "RENAME COLUMN renames on the left of IN () too, which SQLite does not look at",
		matches: (sql, { kind, expected }) => kind === "state" && /RENAME COLUMN/.test(sql) && /IN \(\)/.test(expected),
	},
	{
		reason: "RENAME COLUMN fails in SQLite where a table WITHOUT ROWID names the column in several keys",
		matches: (sql, { kind, expected }) =>
			kind === "accepted" &&
			/RENAME COLUMN/.test(sql) &&
			/^error in table \w+ after rename: no such column/.test(expected),
	},
	{
		reason: "An INSERT that finds no rowid left in an AUTOINCREMENT table ends SQLite's transaction",
		matches: (sql, { kind, actual }) =>
			kind === "transaction" && /^(INSERT|REPLACE)\b/.test(sql) && actual === "a transaction is open",
	},
	{
		reason: "A column added with a hexadecimal DEFAULT shows the text of the literal in SQLite's older rows",
		matches: (sql, { kind }) => kind === "state" && /^ALTER TABLE .* DEFAULT -?0x/.test(sql),
	},
	{
		reason:
			"A value of the wrong type in a STRICT table is an error that no ON CONFLICT clause is about, so the statement does nothing; in a transaction SQLite leaves the rows before it",
		matches: (_, { kind, expected }) => kind === "state" && /^refused: cannot store \w+ value in /.test(expected),
	},
];

/** Numbers with an exponent or many digits, that are the same in as many digits as a double has. */
function sameToSixteenDigits(expected: string, actual: string): boolean {
	// What is stored stands behind the query that showed it.
	const rounded = (text: string) =>
		text
			.replace(/^(refused: .*; )?SELECT rowid, \* FROM \w+: |^SELECT \* FROM \w+: /, "")
			.replace(/\d+(\.\d+)?(e[+-]?\d\d)?/g, (number) => (number.length > 15 ? Number(number).toPrecision(15) : number));
	const rows = (text: string) =>
		rounded(text)
			.match(/\([^)]*\)/g)
			?.sort()
			.join(" ") ?? rounded(text);
	return rows(expected) === rows(actual);
}

export function isDeliberate(sql: string, difference: Difference): boolean {
	return DELIBERATE.some(({ matches }) => matches(sql, difference));
}
