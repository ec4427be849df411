/**
 * A bank in SQL: transactions over several tables that triggers, foreign keys, an upsert and key-value data take part in.
 * Each counts itself in a table, so that of what is found later it can be told after which of them it is.
 */

import type { Database } from "../../../host/database.js";
import type { SqlDatabase } from "../../../host/sql/index.js";
import type { Storage } from "../../../host/storage/storage.js";
import { Random } from "../../support/random.js";
import { Violation } from "../ledger.js";
import { openIn, type World } from "../world.js";

const SCHEMA = `
CREATE TABLE account (
	id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL UNIQUE COLLATE NOCASE, balance INT NOT NULL CHECK (balance >= 0)
);
CREATE TABLE payment (
	id INTEGER PRIMARY KEY, source INT NOT NULL REFERENCES account ON DELETE CASCADE,
	target INT NOT NULL REFERENCES account ON DELETE CASCADE, amount INT NOT NULL, note TEXT
);
CREATE INDEX payment_source ON payment (source, amount DESC);
CREATE INDEX payment_target ON payment (target) WHERE amount > 5;
CREATE TABLE total (
	account INT PRIMARY KEY REFERENCES account ON DELETE CASCADE, paid INT NOT NULL, received INT NOT NULL
) WITHOUT ROWID;
CREATE TABLE step (number INT, money INT);
INSERT INTO step VALUES (0, 300);
INSERT INTO account (owner, balance) VALUES ('ann', 100), ('bob', 100), ('cyd', 100);
INSERT INTO kv VALUES ('step', '0');
CREATE TRIGGER pay AFTER INSERT ON payment BEGIN
	UPDATE account SET balance = balance - new.amount WHERE id = new.source;
	UPDATE account SET balance = balance + new.amount WHERE id = new.target;
	INSERT INTO total VALUES (new.source, new.amount, 0) ON CONFLICT (account) DO UPDATE SET paid = paid + excluded.paid;
	INSERT INTO total VALUES (new.target, 0, new.amount)
		ON CONFLICT (account) DO UPDATE SET received = received + excluded.received;
END;
CREATE TRIGGER forget AFTER DELETE ON payment BEGIN
	UPDATE total SET paid = paid - old.amount WHERE account = old.source;
	UPDATE total SET received = received - old.amount WHERE account = old.target;
END;
CREATE TRIGGER counted AFTER UPDATE OF number ON step BEGIN
	UPDATE kv SET value = CAST(new.number AS TEXT) WHERE key = 'step';
END;
`;

/** Each answers with no row where all is well. */
const RULES: readonly (readonly [what: string, query: string])[] = [
	["money", "SELECT sum(balance), money FROM account JOIN step GROUP BY money HAVING sum(balance) <> money"],
	["the step in kv", "SELECT value, number FROM kv JOIN step WHERE key = 'step' AND value <> CAST(number AS TEXT)"],
	[
		"both ends of payments",
		`SELECT p.id FROM payment AS p LEFT JOIN account AS s ON s.id = p.source LEFT JOIN account AS t ON t.id = p.target
			WHERE s.id IS NULL OR t.id IS NULL`,
	],
	[
		"totals",
		`SELECT account, paid, received FROM total
			EXCEPT SELECT a.id, ifnull(o.sum, 0), ifnull(i.sum, 0) FROM account AS a
				LEFT JOIN (SELECT source, sum(amount) AS sum FROM payment GROUP BY source) AS o ON o.source = a.id
				LEFT JOIN (SELECT target, sum(amount) AS sum FROM payment GROUP BY target) AS i ON i.target = a.id`,
	],
	["foreign keys", "SELECT * FROM pragma_foreign_key_check"],
	["rows and indexes", "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'"],
];

const STEPS = 24;

/** How far a run came: which transaction it began to commit last, and which is on stable storage for certain. */
export interface Progress {
	tried: number;
	durable: number;
}

export function newProgress(): Progress {
	return { tried: -1, durable: -1 };
}

/** The number of the last transaction that is there; -1 where not even the tables are. Fails where a rule is broken. */
export function lastStep(sql: SqlDatabase): number {
	if (sql.prepare("SELECT 1 FROM sqlite_schema").get() === undefined) return -1;
	for (const [what, query] of RULES) {
		const broken = sql.prepare(query).raw().all();
		if (broken.length > 0) throw new Violation("torn", `${what}: ${JSON.stringify(broken.slice(0, 3))}`);
	}
	return sql.prepare("SELECT number FROM step").pluck().get() as number;
}

/** All that is there, as text. */
export function contents(sql: SqlDatabase): string {
	const all = (query: string) => sql.prepare(query).raw().all();
	const tables = lastStep(sql) === -1 ? [] : ["account", "payment", "total", "step", "kv", "sqlite_sequence"];
	const rows = tables.map((table) => all(`SELECT * FROM ${table} ORDER BY 1, 2`));
	return JSON.stringify([all("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2"), ...rows]);
}

/** Does what the world's seed says; `committed` is told of the database after each transaction. */
export async function runBank(
	world: World,
	storage: Storage,
	progress: Progress,
	committed: (sql: SqlDatabase) => void = () => {},
): Promise<void> {
	const bank = new Bank(world, storage, progress, committed);
	try {
		await bank.run();
	} finally {
		bank.giveUp();
	}
}

export class Bank {
	readonly #world: World;
	readonly #storage: Storage;
	readonly #progress: Progress;
	readonly #committed: (sql: SqlDatabase) => void;
	readonly #random: Random;
	#db: Database | undefined;
	#serial = 0;

	constructor(world: World, storage: Storage, progress: Progress, committed: (sql: SqlDatabase) => void) {
		this.#world = world;
		this.#storage = storage;
		this.#progress = progress;
		this.#committed = committed;
		this.#random = new Random(world.seed);
	}

	async run(): Promise<void> {
		this.#commit((sql) => sql.transaction(() => sql.exec(SCHEMA))());
		for (let i = 0; i < STEPS; i++) await this.#next();
		await this.#close();
	}

	giveUp(): void {
		try {
			this.#db?.closeSync();
		} catch {
			// The first error is the one to tell.
		}
	}

	#opened(): Database {
		if (this.#db === undefined) {
			this.#db = openIn(this.#world, this.#storage);
			this.#db.sql.pragma("foreign_keys = ON");
		}
		return this.#db;
	}

	/** Something that commits once. */
	#commit(work: (sql: SqlDatabase) => void): void {
		const { sql } = this.#opened();
		const isSynced = this.#random.once(3);
		sql.pragma(`synchronous = ${isSynced ? "FULL" : "NORMAL"}`);
		this.#progress.tried++;
		work(sql);
		if (isSynced) this.#progress.durable = this.#progress.tried;
		this.#committed(sql);
	}

	#transaction(work: (sql: SqlDatabase) => void): void {
		this.#commit((sql) =>
			sql.transaction(() => {
				work(sql);
				sql.exec("UPDATE step SET number = number + 1");
			})(),
		);
	}

	async #next(): Promise<void> {
		const kind = this.#random.below(100);
		if (kind < 40) return this.#transaction((sql) => this.#payments(sql));
		if (kind < 52) return this.#transaction((sql) => this.#openAccounts(sql));
		if (kind < 58) return this.#transaction((sql) => this.#closeAccount(sql));
		if (kind < 66) return this.#transaction((sql) => this.#changeSchema(sql));
		if (kind < 74) return this.#undone();
		if (kind < 84) await this.#opened().flush();
		else if (kind < 90) await this.#opened().compact();
		else await this.#close();
	}

	async #close(): Promise<void> {
		await this.#opened().close();
		this.#db = undefined;
		this.#progress.durable = this.#progress.tried;
	}

	#pay(sql: SqlDatabase): void {
		const pick = this.#random;
		const accounts = sql.prepare("SELECT id FROM account ORDER BY id").pluck().all() as number[];
		const note = "note ".repeat(pick.below(40));
		// Of what there is: a CHECK would refuse more.
		sql
			.prepare(
				`INSERT INTO payment (source, target, amount, note)
					SELECT id, ?, abs(?) % (balance + 1), ? FROM account WHERE id = ?`,
			)
			.run(pick.pick(accounts), pick.below(20), note, pick.pick(accounts));
	}

	#payments(sql: SqlDatabase): void {
		for (let i = this.#random.between(1, 4); i > 0; i--) this.#pay(sql);
		if (this.#random.once(2)) {
			sql.exec("SAVEPOINT mistake");
			this.#pay(sql);
			sql.exec("DELETE FROM payment WHERE amount > 3; ROLLBACK TO mistake; RELEASE mistake");
		}
		if (this.#random.once(3)) sql.exec("UPDATE payment SET note = substr(note, 1, 20) WHERE id % 2 = 0");
		if (this.#random.once(4)) sql.exec("DELETE FROM payment WHERE id IN (SELECT id FROM payment ORDER BY id LIMIT 3)");
	}

	#openAccounts(sql: SqlDatabase): void {
		const names = Array.from({ length: this.#random.between(1, 3) }, () => `owner ${this.#serial++}`);
		for (const name of names) sql.prepare("INSERT INTO account (owner, balance) VALUES (?, 10)").run(name);
		sql.prepare("UPDATE step SET money = money + ?").run(BigInt(names.length * 10));
	}

	/** Its money goes to another, its payments go with it. */
	#closeAccount(sql: SqlDatabase): void {
		const [heir, closed] = sql.prepare("SELECT id FROM account ORDER BY id").pluck().all() as [number, number];
		if (closed === undefined) return;
		sql
			.prepare("UPDATE account SET balance = balance + (SELECT balance FROM account WHERE id = ?) WHERE id = ?")
			.run(closed, heir);
		sql.prepare("DELETE FROM account WHERE id = ?").run(closed);
	}

	#changeSchema(sql: SqlDatabase): void {
		const name = `extra_${this.#serial++}`;
		if (this.#random.once(2)) sql.exec(`ALTER TABLE payment ADD COLUMN ${name} TEXT DEFAULT 'none'`);
		else sql.exec(`CREATE INDEX ${name} ON payment (amount, note COLLATE NOCASE)`);
	}

	/** A transaction that is rolled back, or a statement that fails halfway: neither leaves anything. */
	#undone(): void {
		const { sql } = this.#opened();
		if (this.#random.once(2)) {
			sql.exec("BEGIN; UPDATE step SET number = number + 100; DELETE FROM account; ROLLBACK");
			return;
		}
		try {
			sql.exec("UPDATE account SET balance = balance - (SELECT min(balance) + 1 FROM account)");
		} catch (error) {
			if (!/CHECK constraint failed/.test((error as Error).message)) throw error;
		}
	}
}
