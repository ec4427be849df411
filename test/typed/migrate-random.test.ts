/* From one random declaration to the next: by itself where that loses nothing, or else by the statements that the refusal has. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Database, openSync, WlsmError } from "../../host/index.js";
import { type Migration, migrate } from "../../host/typed/index.js";
import { thrown } from "../support/database.js";
import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";
import { canonical, randomRow } from "../support/table-cases.js";
import {
	changedDeclaration,
	type Declaration,
	declared,
	parents,
	randomDeclaration,
	schemaOf,
	TABLE_NAME,
} from "../support/table-declarations.js";
import type { ModelTable, Row } from "../support/table-model.js";

const CASES = 16;

const NAME = `"${TABLE_NAME.replaceAll('"', '""')}"`;

/** What rows may be given; that some are refused does not matter. */
function modelOf({ columns, primaryKey, withoutRowid }: Declaration): ModelTable {
	return {
		columns: columns.map(({ property, kind, isNotNull }) => ({
			property,
			kind,
			isNullable: !isNotNull && !primaryKey.includes(property),
		})),
		primaryKey,
		hasRowid: !withoutRowid && primaryKey.length === 1,
		uniques: [],
	};
}

class Case {
	readonly #db: Database;
	readonly #random: Random;
	readonly outcomes = { byItself: 0, byHand: 0, unchanged: 0 };

	constructor(db: Database, random: Random) {
		this.#db = db;
		this.#random = random;
	}

	run(): void {
		const [db, random] = [this.#db, this.#random];
		const before = randomDeclaration(random);
		migrate(db, [parents, declared(before)]);
		if (parents.count(db) === 0) parents.insertMany(db, [{ id: 1 }, { id: 2 }]);
		if (!random.once(4)) this.#fill(before);
		if (random.once(3)) {
			db.sql.exec(`CREATE INDEX "by hand" ON ${NAME} ("id") WHERE "id" > 5`);
			db.sql.exec(`CREATE TRIGGER "by hand too" AFTER INSERT ON ${NAME} BEGIN SELECT 1; END`);
		}
		const after = changedDeclaration(before, random);
		this.#migrate(before, after);
		db.sql.exec(`DROP TABLE ${NAME}`);
	}

	#fill(declaration: Declaration): void {
		const table = declared(declaration);
		for (let count = this.#random.between(1, 6); count > 0; count--) {
			try {
				table.insert(this.#db, randomRow(modelOf(declaration), this.#random) as never);
			} catch (error) {
				if (!(error instanceof WlsmError && error.code === "WLSM_SQL")) throw error;
			}
		}
	}

	#migrate(before: Declaration, after: Declaration): void {
		const db = this.#db;
		const table = declared(after);
		const stood = this.#everything();
		const dry = attempt(() => table.create(db, { dryRun: true }));
		assert.equal(this.#everything(), stood, "a dry run changes nothing");
		const rows = this.#rows(before, after);
		const done = attempt(() => table.create(db));
		assert.equal(done, dry, "a dry run tells what is done");
		if (typeof done === "string") {
			assert.equal(this.#everything(), stood, "a refusal changes nothing");
			this.outcomes.byHand++;
			this.#byHand(done, after, rows);
		} else if (done.changes.length > 0) this.outcomes.byItself++;
		else this.outcomes.unchanged++;
		assert.equal(table.create(db).changes, [], "nothing is left to do");
		assert.equal(this.#rows(before, after), rows, "rows are as they were");
		const isOurs = (index: string) => index !== "by hand";
		assert.equal(schemaOf(db.sql, isOurs), freshSchema(after), "the table is as if it were new");
	}

	/** Does what the refusal says, with values where these are asked for. */
	#byHand(message: string, after: Declaration, rows: string[]): void {
		const [, script] = message.split("run by hand:\n") as [string, string | undefined];
		if (script === undefined) throw new Error(`a refusal without statements: ${message}`);
		const filled = script.replace(/NULL \/\* a value for .*? \*\//gs, "'1'");
		try {
			this.#db.sql.exec(filled);
		} catch (error) {
			// Rows stand in the way: they are nobody's, and are gone before it is done again.
			assert.ok(
				error instanceof WlsmError && /constraint failed|cannot store|mismatch/.test(error.message),
				String(error),
			);
			if (this.#db.sql.inTransaction) this.#db.sql.exec("ROLLBACK");
			rows.length = 0;
			this.#db.sql.exec(`DELETE FROM ${NAME}`);
			this.#db.sql.exec(filled);
		}
		const left = attempt(() => declared(after).create(this.#db));
		if (typeof left !== "string") return;
		// What was shown are rows that are the same where they are to be unique.
		assert.match(left, /declared unique, and there are rows with the same/);
		rows.length = 0;
		this.#db.sql.exec(`DELETE FROM ${NAME}`);
		declared(after).create(this.#db);
	}

	/** The columns that both declarations have alike. */
	#rows(before: Declaration, after: Declaration): string[] {
		const said = ({ columns, primaryKey }: Declaration, property: string) => {
			const column = columns.find((one) => one.property === property);
			return column && `${column.kind} ${column.isNotNull || primaryKey.includes(property)}`;
		};
		const isAlike = (property: string) => said(before, property) === said(after, property);
		const names = before.columns.map(({ property }) => property).filter(isAlike);
		const list = ["1", ...names.map((name) => `"${name.replaceAll('"', '""')}"`)].join(", ");
		return (this.#db.sql.prepare(`SELECT ${list} FROM ${NAME}`).all() as Row[]).map(canonical).sort();
	}

	#everything(): string[] {
		const { sql } = this.#db;
		const rows = [...sql.prepare("SELECT * FROM sqlite_master").all(), ...sql.prepare(`SELECT * FROM ${NAME}`).all()];
		return (rows as Row[]).map(canonical);
	}
}

function attempt(work: () => Migration): Migration | string {
	try {
		return work();
	} catch (error) {
		return thrown(() => {
			throw error;
		}, "WLSM_EXISTS").message;
	}
}

function freshSchema(declaration: Declaration): unknown {
	const db = openSync(":memory:");
	try {
		declared(declaration).create(db);
		return schemaOf(db.sql, () => true);
	} finally {
		db.closeSync();
	}
}

const test = suite("migrations of random declarations");

for (const kernel of kernels) {
	for (const foreignKeys of ["OFF", "ON"]) {
		test(`${kernel}, foreign keys ${foreignKeys}`, () => {
			const db = openSync(":memory:", { kernel });
			db.sql.exec(`PRAGMA foreign_keys = ${foreignKeys}`);
			const seed = foreignKeys === "ON" ? 1 : 2;
			const random = new Case(db, new Random(seed));
			for (let count = 0; count < CASES; count++) random.run();
			for (const [outcome, count] of Object.entries(random.outcomes)) assert.ok(count > 0, outcome);
			assert.is(db.sql.pragma("foreign_keys", { simple: true }), foreignKeys === "ON" ? 1 : 0);
			db.closeSync();
		});
	}
}

test.run();
