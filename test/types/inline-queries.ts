/** Random queries that the type system is to understand, with values for their parameters. */

import { Random } from "../support/random.js";

export interface Query {
	readonly text: string;
	/** Undefined where it has none. */
	readonly parameters: object | undefined;
}

type Type = "number" | "string" | "blob";

interface Column {
	readonly name: string;
	readonly type: Type;
}

interface Source {
	/** As it is written in front of a column; empty where there is one table. */
	readonly prefix: string;
	readonly columns: readonly Column[];
}

const column = (name: string, type: Type): Column => ({ name, type });

const TABLES: Readonly<Record<string, readonly Column[]>> = {
	users: [
		column("id", "number"),
		column("name", "string"),
		column("email", "string"),
		column("age", "number"),
		column("score", "number"),
		column("avatar", "blob"),
		column('"first name"', "string"),
	],
	posts: [
		column("id", "number"),
		column("user_id", "number"),
		column("title", "string"),
		column("body", "string"),
		column("rating", "number"),
	],
	Tags: [column('"Order"', "string"), column("Weight", "number"), column("`a``b`", "number")],
};

/** The tables, with rows that have NULLs, that join and that do not. */
export const SCHEMA = `
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, age INTEGER, score REAL NOT NULL, avatar BLOB,
	"first name" TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, title TEXT NOT NULL, body TEXT, rating REAL);
CREATE TABLE Tags ("Order" TEXT NOT NULL, Weight INTEGER, "a\`b" INTEGER NOT NULL);
INSERT INTO users VALUES (1, 'Ada', 'ada@example.com', 36, 1.5, x'00ff', 'Augusta'), (2, 'Bob', NULL, NULL, 0, NULL, NULL),
	(3, 'Émile', 'e@x', 0, -2.25, x'', ''), (7, '', NULL, 90, 3, NULL, 'x');
INSERT INTO posts VALUES (1, 1, 'Notes', 'On the engine', 4.5), (2, 1, '42', NULL, NULL), (3, 99, 'Lost', '', 0);
INSERT INTO Tags VALUES ('a', 1, 2), ('b', NULL, 3);
CREATE TABLE words (key TEXT NOT NULL, "order" INT NOT NULL, desc TEXT NOT NULL, end INT NOT NULL, left INT NOT NULL, "from" INT NOT NULL);
INSERT INTO words VALUES ('k', 1, 'x', 2, 3, 4);
CREATE TABLE tiny (a);
CREATE TABLE ledger (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL, fee INTEGER);
INSERT INTO ledger VALUES (1, 9007199254740993, NULL), (2, 5, 9007199254740995), (3, -9007199254740993, 1);
INSERT INTO kv VALUES ('x', '1'), ('y', x'ff');
`;

/** As `DeclaredTables` has them. */
export const DECLARED = `declare module "wlsm" {
	interface DeclaredTables {
		users: {
			id: number; name: string; email: string | null; age: number | null; score: number; avatar: Buffer | null;
			"first name": string | null;
		};
		posts: { id: number; user_id: number; title: string; body: string | null; rating: number | null };
		Tags: { Order: string; Weight: number | null; "a\`b": number };
		ledger: { id: number; cents: number | bigint; fee: number | bigint | null };
		words: { key: string; order: number; desc: string; end: number; left: number; from: number };
	}
}
`;

const QUOTED = /('(?:[^']|'')*'|"[^"]*"|`(?:[^`]|``)*`)/;

class Writer {
	readonly random: Random;
	readonly parameters: Record<string, string | number | null> = {};
	#names = 0;

	constructor(random: Random) {
		this.random = random;
	}

	/** Words and symbols of a statement, laid out at random. */
	laidOut(text: string): string {
		const gap = () => this.random.pick([" ", " ", " ", " ", " ", "  ", "\n", "\n\t", "\t"]);
		const cased = (word: string) =>
			this.random.once(12)
				? this.random.pick([word.toLowerCase(), (word[0] ?? "") + word.slice(1).toLowerCase()])
				: word;
		return text
			.split(QUOTED)
			.map((part, i) => (i % 2 === 1 ? part : part.replace(/ /g, gap).replace(/\b[A-Z]{2,}\b/g, (word) => cased(word))))
			.join("");
	}

	parameter(type: Type | "any"): string {
		const known = Object.keys(this.parameters).filter((name) => name.startsWith(type[0] as string));
		const name = known.length > 0 && this.random.once(5) ? this.random.pick(known) : `${type[0]}${this.#names++}`;
		this.parameters[name] ??= type === "number" ? this.random.between(0, 9) : this.random.pick(["Ada", "a%", ""]);
		return this.random.once(5) ? `${this.random.pick([":", "@", "$"])}${name}` : `{${name}}`;
	}

	literal(type: Type): string {
		if (type === "number") return this.random.pick(["0", "1", "42", "1.5", ".5", "1e3"]);
		if (type === "blob") return this.random.pick(["x'00'", "X'ffee'"]);
		return this.random.pick(["'a'", "''", "'it''s'", "'a, b (c) = {d}'", "'SELECT  x -- y'"]);
	}

	columnOf(sources: readonly Source[], type: Type): string | undefined {
		const found = sources.flatMap(({ prefix, columns }) =>
			columns.filter((one) => one.type === type).map(({ name }) => `${prefix}${name}`),
		);
		return found.length === 0 ? undefined : this.random.pick(found);
	}

	leaf(sources: readonly Source[], type: Type): string {
		return (this.random.once(4) ? undefined : this.columnOf(sources, type)) ?? this.literal(type);
	}

	list(count: number, item: () => string): string {
		return Array.from({ length: count }, item).join(this.random.once(4) ? "," : ", ");
	}

	number(sources: readonly Source[], depth: number): string {
		if (depth <= 0) return this.leaf(sources, "number");
		const number = () => this.number(sources, depth - 1);
		const text = () => this.text(sources, depth - 1);
		const condition = () => this.condition(sources, depth - 1);
		return this.random.pick<() => string>([
			() => this.leaf(sources, "number"),
			() => `${number()} ${this.random.pick(["+", "-", "*", "/", "%", "&", "|", "<<", ">>"])} ${number()}`,
			() => `(${number()}+${number()})`,
			() => `- ${number()}`,
			() => `length(${text()})`,
			() => `abs(${number()})`,
			() => `round( ${number()} , 1)`,
			() => `instr(${text()}, 'a')`,
			() => `coalesce(${number()}, ${this.random.once(3) ? this.parameter("number") : number()}, 0)`,
			() => `ifnull(${number()},${number()})`,
			() => `nullif(${number()}, 0)`,
			() => `min(${number()}, ${number()})`,
			() => `iif(${condition()}, ${number()}, ${number()})`,
			() => `CAST(${text()} AS ${this.random.pick(["INTEGER", "REAL", "numeric", "DECIMAL(10, 2)"])})`,
			() => `CASE WHEN ${condition()} THEN ${number()} ELSE ${number()} END`,
			() => `CASE ${number()} WHEN 1 THEN ${number()} WHEN ${this.parameter("number")} THEN 2 END`,
			() => `(SELECT count(*) FROM posts WHERE posts.user_id = ${this.parameter("number")})`,
			() => `(SELECT max(rating) FROM posts AS inside WHERE inside.title = ${text()})`,
			() => `(${condition()})`,
		])();
	}

	text(sources: readonly Source[], depth: number): string {
		if (depth <= 0) return this.leaf(sources, "string");
		const text = () => this.text(sources, depth - 1);
		return this.random.pick<() => string>([
			() => this.leaf(sources, "string"),
			() => this.leaf(sources, "string"),
			() => `${text()} || ${text()}`,
			() => `lower(${text()})`,
			() => `UPPER( ${text()} )`,
			() => `trim(${text()})`,
			() => `substr(${text()}, 1, 2)`,
			() => `replace(${text()}, 'a', ${this.parameter("string")})`,
			() => `coalesce(${this.parameter("string")}, ${text()})`,
			() => `typeof(${this.number(sources, depth - 1)})`,
			() => `CAST(${this.number(sources, depth - 1)} AS TEXT)`,
			() => `CASE WHEN ${this.condition(sources, depth - 1)} THEN ${text()} END`,
			() => `hex(${this.leaf(sources, "blob")})`,
			() => `date('now')`,
		])();
	}

	condition(sources: readonly Source[], depth: number): string {
		const inner = depth - 1;
		const compared = () => this.random.pick(["=", "<", "<=", ">=", "<>", "!=", "==", "IS", "IS NOT"]);
		const numeric = () => this.columnOf(sources, "number") ?? "1";
		const textual = () => this.columnOf(sources, "string") ?? "'a'";
		const simple: (() => string)[] = [
			() => `${numeric()} ${compared()} ${this.parameter("number")}`,
			() => `${textual()} ${compared()} ${this.parameter("string")}`,
			() => `${this.parameter("number")} < ${numeric()}`,
			() => `${textual()} LIKE ${this.parameter("string")}`,
			() => `${textual()} NOT LIKE ${this.parameter("string")} || '%'`,
			() => `${numeric()} IN (${this.list(this.random.between(1, 3), () => this.parameter("number"))})`,
			() => `${numeric()} NOT IN (1, 2)`,
			() => `${numeric()} BETWEEN ${this.parameter("number")} AND ${this.parameter("number")}`,
			() => `${textual()} IS NULL`,
			() => `${textual()} IS NOT NULL`,
			() => `${numeric()}=${this.parameter("number")}`,
			() => `(${this.parameter("string")} IS NULL OR ${textual()} = ${this.parameter("string")})`,
			() => `${textual()} COLLATE NOCASE = ${this.parameter("string")}`,
			() => `EXISTS (SELECT 1 FROM Tags t WHERE t.Weight = ${this.parameter("number")})`,
			() => `${numeric()} IN (SELECT user_id FROM posts WHERE body = ${this.parameter("string")})`,
		];
		if (depth <= 0) return this.random.pick(simple)();
		return this.random.pick<() => string>([
			...simple,
			() => `${this.condition(sources, inner)} AND ${this.condition(sources, inner)}`,
			() => `(${this.condition(sources, inner)} OR ${this.condition(sources, inner)})`,
			() => `NOT ${this.condition(sources, inner)}`,
			() => `${this.number(sources, inner)} > ${this.number(sources, inner)}`,
			() => `${this.text(sources, inner)} = ${this.text(sources, inner)}`,
		])();
	}

	expression(sources: readonly Source[], depth: number): string {
		const kind = this.random.below(10);
		if (kind < 4) return this.number(sources, depth);
		if (kind < 8) return this.text(sources, depth);
		return kind < 9 ? this.condition(sources, depth) : this.leaf(sources, "blob");
	}
}

/** FROM, with what can be named after it. */
function from(writer: Writer): { readonly text: string; readonly sources: readonly Source[] } {
	const { random } = writer;
	const tables = Object.keys(TABLES);
	const first = random.pick(tables);
	const columnsOf = (name: string) => TABLES[name] ?? [];
	if (random.once(8)) {
		const inside: Source[] = [{ prefix: "", columns: columnsOf("posts") }];
		const text = `FROM (SELECT id, title t, rating AS "r", upper(body) AS u FROM posts WHERE ${writer.condition(inside, 1)}) AS d`;
		return {
			text,
			sources: [
				{
					prefix: "d.",
					columns: ["id", "t", '"r"', "u"].map((name, i) => column(name, i % 2 === 0 ? "number" : "string")),
				},
			],
		};
	}
	if (random.once(8)) {
		const kind = random.pick(["JOIN", "LEFT JOIN"]);
		const sources = [
			{ prefix: "a.", columns: columnsOf("users") },
			{ prefix: "b.", columns: columnsOf("posts") },
		];
		return {
			text: `FROM users a ${kind} posts b USING (id)`,
			sources: [...sources, { prefix: "", columns: [column("id", "number")] }],
		};
	}
	if (random.once(2)) {
		const alias = random.once(2);
		const written = random.once(6) ? `"${first}"` : random.once(6) ? first.toUpperCase() : first;
		return {
			text: `FROM ${written}${alias ? random.pick([" AS a", " a"]) : ""}`,
			sources: [{ prefix: alias && random.once(2) ? "a." : "", columns: columnsOf(first) }],
		};
	}
	const sources: Source[] = [{ prefix: "a.", columns: columnsOf(first) }];
	let text = `FROM ${first} a`;
	for (const name of ["b", "c"].slice(0, random.between(1, 2))) {
		const table = random.pick(tables);
		const source: Source = { prefix: `${name}.`, columns: columnsOf(table) };
		sources.push(source);
		const on = ` ON ${writer.columnOf(sources.slice(0, -1), "number")} = ${writer.columnOf([source], "number")}`;
		const kind = random.pick(["JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "CROSS JOIN", ","]);
		const more = random.once(3) ? ` AND ${writer.condition(sources, 0)}` : "";
		const joined = kind === "," ? ", " : ` ${kind} `;
		text += `${joined}${table} ${random.pick(["AS ", ""])}${name}${kind === "," ? "" : on + more}`;
	}
	return { text, sources };
}

function columnsOf(writer: Writer, sources: readonly Source[]): string {
	const { random } = writer;
	const aliases = ["x", "Total", '"a b"', "`t``k`", "[q r]", "y2", "desc_"];
	return writer.list(random.between(1, 5), () => {
		if (random.once(12)) return "*";
		if (random.once(12)) return `${(sources[0] as Source).prefix}*`;
		if (random.once(3)) return writer.leaf(sources, random.pick(["number", "string"]));
		const text = writer.expression(sources, random.between(0, 3));
		return random.once(2) ? text : `${text}${random.pick([" AS ", " as ", " "])}${random.pick(aliases)}`;
	});
}

function aggregates(writer: Writer, sources: readonly Source[], grouped: string): string {
	const { random } = writer;
	const call = () => {
		const number = writer.number(sources, 1);
		const text = writer.text(sources, 1);
		return random.pick([
			"count(*)",
			"COUNT( * )",
			`count(DISTINCT ${text})`,
			`sum(${number})`,
			`avg(${number})`,
			`total(${number})`,
			`min(${text})`,
			`max(${number})`,
			`max(${text})`,
			`group_concat(${text}, ',')`,
			`sum(${number}) * 2`,
			`coalesce(sum(${number}), 0)`,
			`count(*) FILTER (WHERE ${number} > 1)`,
		]);
	};
	const named = () => (random.once(2) ? call() : `${call()} AS ${random.pick(["n", "m", "total"])}`);
	const list = writer.list(random.between(1, 3), named);
	const beside = grouped === "" && random.once(3) ? writer.leaf(sources, "string") : grouped;
	return beside === "" ? list : `${beside}, ${list}`;
}

/** Of the n-th seed. */
export function randomQuery(seed: number): Query {
	const random = new Random(seed);
	const writer = new Writer(random);
	const text = statement(writer);
	const used = (name: string) => new RegExp(`[{:@$]${name}\\b`).test(text);
	const parameters = Object.fromEntries(Object.entries(writer.parameters).filter(([name]) => used(name)));
	const laidOut = writer.laidOut(text);
	if (Object.keys(parameters).length === 0) return { text: laidOut, parameters: undefined };
	return random.once(4) ? withoutNames(laidOut, parameters) : { text: laidOut, parameters };
}

/** With `?` for each parameter. */
function withoutNames(text: string, parameters: Readonly<Record<string, unknown>>): Query {
	const values: unknown[] = [];
	const parts = text.split(QUOTED).map((part, i) =>
		i % 2 === 1
			? part
			: part.replace(/\{(\w+)\}|[:@$](\w+)/g, (_, inBraces, other) => {
					values.push(parameters[inBraces ?? other]);
					return "?";
				}),
	);
	return { text: parts.join(""), parameters: values };
}

function statement(writer: Writer): string {
	const { random } = writer;
	if (random.once(6)) return change(writer);
	const { text, sources } = from(writer);
	const where = random.once(3) ? "" : ` WHERE ${writer.condition(sources, 2)}`;
	const limit = random.once(3) ? ` LIMIT ${writer.parameter("number")}${random.once(2) ? " OFFSET 0" : ""}` : "";
	if (random.once(5)) {
		const grouped = random.once(2) ? (writer.columnOf(sources, "string") ?? "") : "";
		const group = grouped === "" ? "" : ` GROUP BY ${grouped}${random.once(2) ? " HAVING count(*) > 0" : ""}`;
		return `SELECT ${aggregates(writer, sources, grouped)} ${text}${where}${group}${limit}`;
	}
	const order = random.once(3)
		? ` ORDER BY ${writer.leaf(sources, "string")} DESC, length(${writer.text(sources, 1)})`
		: "";
	return `SELECT ${random.once(6) ? "DISTINCT " : ""}${columnsOf(writer, sources)} ${text}${where}${order}${limit}${random.once(9) ? ";" : ""}`;
}

function change(writer: Writer): string {
	const { random } = writer;
	const sources: Source[] = [{ prefix: "", columns: TABLES.posts ?? [] }];
	const returning = random.once(2) ? "" : ` RETURNING ${columnsOf(writer, sources)}`;
	switch (random.below(4)) {
		case 0:
			return `DELETE FROM posts WHERE ${writer.condition(sources, 1)}${returning}`;
		case 1:
			return `UPDATE posts SET title = ${writer.parameter("string")}, rating = rating + ${writer.parameter("number")} WHERE ${writer.condition(sources, 1)}${returning}`;
		case 2:
			return `INSERT INTO posts (user_id, title, body) VALUES (${writer.parameter("number")}, ${writer.parameter("string")}, ${writer.text([], 1)})${returning}`;
		default:
			return `INSERT INTO posts (id, user_id, title) VALUES (1, 2, ${writer.parameter("string")}) ON CONFLICT (id) DO UPDATE SET title = excluded.title || ${writer.parameter("string")}${returning}`;
	}
}
