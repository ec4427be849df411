/* What no loader likes, in files that are large enough for bulk loads: the same comes of it as row by row, or the same is said. */

import { Buffer } from "node:buffer";
import { readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { open, WlsmError } from "../../host/index.js";
import { type LoadOptions, loadCsv } from "../../host/load/index.js";
import { withDirectory } from "../support/database.js";
import { Random } from "../support/random.js";

const test = suite("hostile bulk loads");

const MEBIBYTE = 1 << 20;

async function bothWays(name: string, content: string | Uint8Array, options: LoadOptions = {}): Promise<unknown> {
	return withDirectory(async (directory) => {
		const file = path.join(directory, "in.csv");
		writeFileSync(file, content);
		const outcomes: unknown[] = [];
		for (const kernel of ["wasm", "ts"] as const) {
			const location = path.join(directory, kernel);
			const db = await open(location, { kernel });
			try {
				const {
					milliseconds: _,
					firstRejected,
					...summary
				} = await loadCsv(db, file, {
					table: "t",
					parallel: 2,
					...options,
				});
				const rows = db.sql.prepare("SELECT * FROM t ORDER BY rowid").raw().all();
				const rejected = firstRejected.map(({ line, column, reason }) => `${line} ${column} ${reason}`);
				outcomes.push({ summary, rows, rejected });
			} catch (error) {
				assert.instance(error, WlsmError, `${name}: ${String(error)}`);
				const { code, message, line } = error as WlsmError;
				outcomes.push({ code, message, line });
				assert.equal(db.sql.prepare("SELECT * FROM sqlite_schema").all(), []);
			}
			assert.equal((await db.verify()).problems, []);
			await db.close();
			assert.equal(
				readdirSync(location).filter((one) => one.endsWith(".tmp")),
				[],
			);
		}
		assert.equal(outcomes[0], outcomes[1], name);
		return outcomes[0];
	});
}

/** Lines up to a length. */
function lines(bytes: number, line: (i: number) => string): string {
	let text = "";
	for (let i = 0; text.length < bytes; i++) text += line(i);
	return text;
}

test("binary files", async () => {
	for (const seed of [1, 2]) {
		const random = new Random(seed);
		const bytes = Buffer.from(Uint32Array.from({ length: MEBIBYTE / 2 }, () => random.word()).buffer);
		await bothWays("random bytes", bytes);
		// With what CSV is made of, and little else.
		const few = Buffer.from('a,"\n\r1é\0');
		await bothWays(
			"random pieces",
			Uint8Array.from({ length: 2 * MEBIBYTE }, () => random.pick([...few])),
		);
	}
});

test("line ends of all kinds, none at the end, blank lines, a byte order mark", async () => {
	const ends = ["\n", "\r\n"];
	await bothWays(
		"mixed",
		`\ufeffa,b\n${lines(2 * MEBIBYTE, (i) => `${i},"x\r\ny"${ends[i % 2]}${i % 9 === 0 ? "\n\r\n" : ""}`)}7,8`,
	);
	await bothWays("carriage returns", `a,b\r${lines(2 * MEBIBYTE, (i) => `${i},"x\ry"\r`)}7,8`);
	await bothWays("one line", "a,b\n".padEnd(2 * MEBIBYTE, "x"));
});

test("names that objects have, repeated ones, and many columns", async () => {
	await bothWays("names", `__proto__,constructor,a,A,,\n${lines(2 * MEBIBYTE, (i) => `${i},2,3,4,5,6\n`)}`);
	const wide = Array.from({ length: 3000 }, (_, i) => `c${i}`).join();
	await bothWays("3000 columns", `${wide}\n${lines(2 * MEBIBYTE, (i) => `${Array(3000).fill(i).join()}\n`)}`);
	const tooWide = Array.from({ length: 200_000 }, (_, i) => `c${i}`).join();
	await bothWays(
		"200,000 columns",
		`${tooWide}\n${lines(
			2 * MEBIBYTE,
			(i) =>
				`${Array(200_000)
					.fill(i % 10)
					.join()}\n`,
		)}`,
	);
});

test("long records, and quotes that are never closed", async () => {
	const small = lines(2 * MEBIBYTE, (i) => `${i},${"b".repeat(40)}\n`);
	await bothWays(
		"a long field",
		`a,b\n${small}1,${"é".repeat(5 * MEBIBYTE)}\n2,"${'""'.repeat(3 * MEBIBYTE)}"\n${small}`,
	);
	await bothWays("a field that is too long", `a,b\n${small}1,${"x".repeat(3 * MEBIBYTE)}\n${small}`, {
		maxRecordBytes: MEBIBYTE,
	});
	await bothWays("an open quote", `a,b\n${small}1,"${small}${small}`, { maxRecordBytes: MEBIBYTE });
	const short = "x".repeat(2000);
	const some = lines(2 * MEBIBYTE, (i) => `${i},${"b".repeat(40)}${i % 20_000 === 15_555 ? short : ""}\n`);
	await bothWays("short records of which some are too long", `a,b\n${small}${some}${some}${some}`, {
		maxRecordBytes: 1000,
		parallel: 3,
	});
	await bothWays("a limit beyond all memory", `a,b\n${small}`, { maxRecordBytes: 2 ** 40 });
	await bothWays("an open quote, and no limit that it meets", `a,b\n${small}1,"${small}`);
});

test("numbers at the edges of what there is", async () => {
	const numbers = [
		"9223372036854775807",
		"-9223372036854775808",
		"9007199254740993",
		"0",
		"-0.5",
		"1e308",
		"5e-324",
		"0.1e1",
	];
	const text = lines(2 * MEBIBYTE, (i) => `${numbers[i % 3]},${numbers[3 + (i % 5)]},${i}.${i}00000000000000001\n`);
	await bothWays("numbers", `a,b,c\n${text}`);
	await bothWays("beyond", `a,b,c\n${text}9223372036854775808,1e309,x\n`, { types: { a: "integer", b: "real" } });
});

test.run();
