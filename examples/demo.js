// Loads a real CSV file into a new database, and asks it a few things. Run it with: npm run demo
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { open } from "wlsm";
import { loadCsv } from "wlsm/load";
import { table } from "../dist/cli/format/table.js";

const file = fileURLToPath(new URL("./zipcodes.csv", import.meta.url));

const queries = [
	["A row by its primary key", "SELECT * FROM zipcodes WHERE zip_code = '94103'"],
	[
		"The northernmost places of Washington",
		"SELECT zip_code, city, county, latitude FROM zipcodes WHERE state = 'WA' AND latitude > 48.9 ORDER BY latitude DESC LIMIT 5",
	],
	[
		"The states with the most postal codes",
		"SELECT state, COUNT(*) AS codes, MIN(zip_code) AS first, MAX(zip_code) AS last " +
			"FROM zipcodes GROUP BY state ORDER BY codes DESC LIMIT 5",
	],
	[
		"The most frequent names of places",
		"SELECT city, COUNT(*) AS codes, AVG(latitude) AS mean_latitude FROM zipcodes GROUP BY city ORDER BY codes DESC, city LIMIT 5",
	],
	[
		"Postal codes with a leading zero",
		"SELECT COUNT(*) AS codes, MAX(zip_code) AS last FROM zipcodes WHERE zip_code < '1'",
	],
	["What db.put wrote, through SQL", 'SELECT value FROM kv WHERE key = "greeting"'],
];

const directory = await mkdtemp(join(tmpdir(), "wlsm-demo-"));
try {
	await run(join(directory, "db"));
} finally {
	await rm(directory, { recursive: true });
}

async function run(location) {
	const db = await open(location);
	try {
		const summary = await loadCsv(db, file, { table: "zipcodes", primaryKey: "zip_code" });
		check(summary.loaded === 42_049 && summary.rejected === 0, "42,049 rows are loaded and none is rejected");
		const columns = summary.columns.map(({ name, type }) => `${name} ${type.toUpperCase()}`);
		console.log(`Loaded ${summary.loaded} rows of zipcodes.csv in ${Math.round(summary.milliseconds)} ms`);
		console.log(`into the table zipcodes (${columns.join(", ")}).\n`);

		await db.put("greeting", "hello from the key-value side");
		for (const [title, sql] of queries) ask(db, title, sql);

		const codes = db.sql.prepare("SELECT COUNT(*) FROM zipcodes").pluck().get();
		check(codes === summary.loaded, "COUNT(*) agrees with the number of rows loaded");
	} finally {
		await db.close();
	}
}

function ask(db, title, sql) {
	const started = performance.now();
	const statement = db.sql.prepare(sql).raw();
	const rows = statement.all();
	const milliseconds = performance.now() - started;
	check(rows.length > 0, `"${title}" has an answer`);
	const names = statement.columns().map((column) => column.name);
	const drawn = [...table(names, rows)].join("");
	console.log(
		`${title}\n  ${sql}\n${drawn}${rows.length === 1 ? "1 row" : `${rows.length} rows`} in ${milliseconds.toFixed(1)} ms\n`,
	);
}

function check(condition, claim) {
	if (!condition) throw new Error(`The demo expects that ${claim}`);
}
