import { WlsmError } from "../../../host/errors.js";
import { MemoryStorage, NodeStorage, type Storage } from "../../../host/storage/index.js";
import { CONFIGURATIONS, type Configuration } from "../../support/configurations.js";
import { openStorage, withDirectory } from "../../support/database.js";
import { Random } from "../../support/random.js";

/** A statement, or one of what is done between them. */
export interface SqlStep {
	readonly text: string;
	readonly parameters: readonly unknown[];
}

const UPKEEP = ["flush", "compact", "reopen"] as const;
const WORDS = ["", "a", "A", "ab", "zoë", "\u{1f600}", "10", "x".repeat(300), "%", "a_b"];

/** Random statements over two tables: rows come and go by primary key, by a unique column, in transactions. */
export function sqlWorkload(seed: number): readonly SqlStep[] {
	const random = new Random(seed);
	const steps: SqlStep[] = [
		step("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, amount REAL, note BLOB)"),
		step("CREATE TABLE pairs (word TEXT PRIMARY KEY, item INTEGER)"),
	];
	const id = () => random.pick([random.below(30), random.below(30), -1, 2 ** 40]);
	const word = () => random.pick([random.pick(WORDS), `name ${random.below(40)}`, null]);
	const amount = () => random.pick([random.below(100), random.below(100) / 8, -0.5, null]);
	const note = () => random.pick([null, random.bytes(random.below(40)), new Uint8Array(random.below(3000)).fill(7)]);
	const choices: readonly (() => SqlStep)[] = [
		() => step("INSERT INTO items VALUES (?, ?, ?, ?)", id(), word(), amount(), note()),
		() => step("INSERT INTO items VALUES (?, ?, ?, ?)", null, word(), amount(), note()),
		() => step("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)", id(), word(), amount(), note()),
		() => step("INSERT OR IGNORE INTO pairs VALUES (?, ?)", word(), id()),
		() => step("UPDATE items SET amount = amount + 1 WHERE id < ?", id()),
		() => step("UPDATE items SET name = name || '!' WHERE id = ?", id()),
		() => step("UPDATE pairs SET item = ? WHERE word >= ?", id(), word()),
		() => step("DELETE FROM items WHERE id = ?", id()),
		() => step("DELETE FROM items WHERE amount > ?", random.below(120)),
		() => step("DELETE FROM pairs WHERE word = ?", word()),
		() => step("SELECT id, name, amount, hex(note) FROM items ORDER BY id"),
		() => step("SELECT * FROM items WHERE name = ?", word()),
		() => step("SELECT id FROM items WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 7", id(), id()),
		() => step("SELECT name, count(*) FROM items GROUP BY amount > 20 ORDER BY 2, 1"),
		() => step("SELECT word, item FROM pairs WHERE item IN (?, ?, ?) ORDER BY item, word", id(), id(), id()),
		() => step("SELECT count(*), total(amount), max(name) FROM items"),
		() => step("BEGIN"),
		() => step(random.pick(["COMMIT", "COMMIT", "ROLLBACK"])),
		() => step(random.pick(UPKEEP)),
	];
	for (let count = random.pick([20, 60, 120]); count > 0; count--) steps.push(random.pick(choices)());
	// A transaction that is still open ends here.
	return [
		...steps,
		step("COMMIT"),
		step("reopen"),
		step("SELECT * FROM items ORDER BY id"),
		step("SELECT * FROM pairs ORDER BY word"),
	];
}

function step(text: string, ...parameters: readonly unknown[]): SqlStep {
	return { text, parameters };
}

/** What each step answers. A database that is opened again gets the next configuration of the same place. */
export function runWorkload(workload: readonly SqlStep[], configuration: Configuration): Promise<readonly string[]> {
	if (configuration.place === "memory") return runIn(workload, configuration, new MemoryStorage(), "/db");
	return withDirectory((directory) => runIn(workload, configuration, new NodeStorage(), directory));
}

async function runIn(
	workload: readonly SqlStep[],
	first: Configuration,
	storage: Storage,
	directory: string,
): Promise<readonly string[]> {
	const here = CONFIGURATIONS.filter(({ place }) => place === first.place);
	let position = here.indexOf(first);
	let db = openStorage(storage, directory, first.options);
	const answers: string[] = [];
	let inTransaction = false;
	const run = async ({ text, parameters }: SqlStep): Promise<unknown> => {
		if (text === "flush" || text === "compact") return db[text]();
		if (text === "reopen") {
			if (inTransaction) db.sql.exec("ROLLBACK");
			inTransaction = false;
			await db.close();
			position = (position + 1) % here.length;
			db = openStorage(storage, directory, here[position]?.options ?? first.options);
			return undefined;
		}
		const statement = db.sql.prepare(text);
		const answer = statement.reader ? statement.raw().all(...parameters) : statement.run(...parameters);
		if (text === "BEGIN") inTransaction = true;
		if (text === "COMMIT" || text === "ROLLBACK") inTransaction = false;
		return answer;
	};
	try {
		for (const each of workload) {
			try {
				answers.push(JSON.stringify(await run(each), plain) ?? "nothing");
			} catch (error) {
				if (!(error instanceof WlsmError) || error.code !== "WLSM_SQL")
					throw new Error(`${each.text}: ${error}`, { cause: error });
				answers.push(error.message);
			}
		}
	} finally {
		db.closeSync();
	}
	return answers;
}

/** For JSON.stringify. */
function plain(_name: string, value: unknown): unknown {
	if (typeof value === "bigint") return `${value}n`;
	return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
