/** What samples count on that their documents do not show: files, databases, the program around them. */

import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { openSync } from "../../host/index.js";
import { root } from "../support/sources.js";
import type { Block } from "./blocks.js";

export interface Surroundings {
	/** Files of the working directory by their paths: their text, a text to be packed, or a file of the project that is copied. */
	readonly files?: Readonly<Record<string, string | { readonly copyOf: string } | { readonly gzipOf: string }>>;
	/** Databases of the working directory by their paths: the SQL that makes them. */
	readonly databases?: Readonly<Record<string, string>>;
	/** The program around a part of one, which imports nothing of wlsm itself. */
	readonly js?: { readonly before?: string; readonly after?: string };
}

const open = { before: 'import { open } from "wlsm";\nconst db = await open("./data");', after: "await db.close();" };

/** By document, or by document and heading: `docs/cli.md#Settings`. */
const all: Readonly<Record<string, Surroundings>> = {
	"docs/quick-start.md#From a program": {
		databases: {
			"wlsm-data": `CREATE TABLE planets (planet TEXT PRIMARY KEY, moons INTEGER, radius_km REAL);
				INSERT INTO planets VALUES ('Mercury', 0, 2439.7), ('Earth', 1, 6371), ('Mars', 2, 3389.5), ('Jupiter', 97, 69911),
				('Uranus', 28, 25362);
				INSERT INTO kv VALUES ('visited/mars', '1976'), ('visited/venus', '1970')`,
		},
	},
	"docs/key-value.md": { js: open },
	"docs/loading.md": {
		files: {
			"orders.csv":
				"order,customer,placed,total\n1001,Ada,2024-12-30,19.90\n1002,Grace,2024-12-31,5\n1003,Ada,2025-01-02,\n1003,Joan,2025-01-02,7.25\n1004,Barbara,2025-01-03,12.5,extra\n",
			"prices.csv": "article;price\n7;2,50\n8;3,00\n",
			"logs/1.csv.gz": { gzipOf: "time,level\n1,info\n" },
			"more.csv": "time,level\n2,warn\n",
			"people.jsonl": '{"id":1,"name":"Ada"}\n',
			"countries.csv": "code,name\nde,Germany\nfr,France\n",
		},
	},
	"docs/sql-guide.md": {
		js: open,
		databases: {
			people: `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, born INTEGER);
				INSERT INTO people (name, born) SELECT 'name ' || (value % 1000), 1900 + value % 100 FROM generate_series(0, 4999);
				CREATE INDEX people_name ON people (name); ANALYZE`,
		},
	},
	"docs/SQL.md": {
		files: {
			"orders.csv": "city,amount\nBerlin,3\nRome,4\nBerlin,5\n",
			"older.csv": "zip;amount\n00501;7\nNA;8\n",
			"more.csv": "90210,9\n",
		},
	},
	"README.md": { files: { "examples/zipcodes.csv": { copyOf: "examples/zipcodes.csv" } } },
};

export function surroundingsOf({ document, heading }: Pick<Block, "document" | "heading">): Surroundings {
	return { ...all[document], ...all[`${document}#${heading}`] };
}

/** Names of the list that no block has. */
export function unusedSurroundings(blocks: readonly Block[]): string[] {
	const known = new Set(blocks.flatMap(({ document, heading }) => [document, `${document}#${heading}`]));
	return Object.keys(all).filter((name) => !known.has(name));
}

/** Makes the working directory, with what the block counts on. */
export function filesInto(directory: string, block: Pick<Block, "document" | "heading">): void {
	mkdirSync(directory, { recursive: true });
	const { files = {}, databases = {} } = surroundingsOf(block);
	for (const [name, content] of Object.entries(files)) {
		const file = path.join(directory, name);
		mkdirSync(path.dirname(file), { recursive: true });
		if (typeof content === "string") writeFileSync(file, content);
		else if ("gzipOf" in content) writeFileSync(file, gzipSync(content.gzipOf));
		else copyFileSync(path.join(root, content.copyOf), file);
	}
	for (const [name, sql] of Object.entries(databases)) {
		const db = openSync(path.join(directory, name));
		db.sql.exec(sql);
		db.closeSync();
	}
}
