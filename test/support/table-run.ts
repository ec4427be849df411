/** Random operations on declared tables beside the model of each. */

import * as assert from "uvu/assert";
import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { Random } from "./random.js";
import {
	canonical,
	randomChanges,
	randomCondition,
	randomOrder,
	randomRow,
	randomValue,
	sorted,
} from "./table-cases.js";
import { Broken, type Row, type Rows, type Value } from "./table-model.js";
import { type AnyRows, PEOPLE, people, SEATS, Subject, seats } from "./table-subjects.js";

export class TableRun {
	readonly #subjects = [new Subject(people, PEOPLE), new Subject(seats, SEATS)];
	readonly #random: Random;
	/** How often each kind of operation has been done, and how often it broke a constraint. */
	readonly counts = new Map<string, number>();

	constructor(random: Random) {
		this.#random = random;
	}

	/** One operation, with both. */
	step(db: Database, depth = 0): void {
		const random = this.#random;
		if (depth === 0 && random.once(12)) {
			this.#transaction(db);
			return;
		}
		const subject = random.pick(this.#subjects);
		const name = random.pick(Object.keys(OPERATIONS));
		this.#note(name);
		const operation = OPERATIONS[name] as Operation; // it is one of them
		const before = subject.model.rows;
		let expected: unknown;
		const [theirs, ours] = operation(db, subject, random);
		try {
			expected = ours();
		} catch (error) {
			if (!(error instanceof Broken)) throw error;
			this.#note(`${name}, broken`);
			try {
				theirs();
			} catch (refusal) {
				if (refusal instanceof WlsmError && refusal.code === "WLSM_SQL" && /constraint failed/.test(refusal.message)) {
					assert.is(subject.model.rows, before);
					return;
				}
				throw refusal;
			}
			throw new Error(`${name} was to be refused: ${error.message}`);
		}
		assert.equal(shown(theirs()), shown(expected), name);
	}

	/** All rows are as the models have them. */
	compare(db: Database): void {
		for (const { table, model } of this.#subjects) assert.equal(shownSet(table.all(db)), shownSet(model.rows));
	}

	#note(name: string): void {
		this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
	}

	/** Some operations together with a key and its value, which are kept or undone as one. */
	#transaction(db: Database): void {
		const random = this.#random;
		const before = this.#subjects.map(({ model }) => model.rows);
		const value = db.getSync("beside");
		const next = String(random.word());
		const isKept = random.once(2);
		const end = new Error("undone");
		const run = db.sql.transaction(() => {
			db.sql.prepare("INSERT OR REPLACE INTO kv VALUES ('beside', ?)").run(next);
			for (let count = random.between(1, 5); count > 0; count--) this.step(db, 1);
			this.compare(db);
			if (!isKept) throw end;
		});
		try {
			run();
		} catch (error) {
			if (error !== end) throw error;
			for (const [i, { model }] of this.#subjects.entries()) model.rows = before[i] as Rows; // one for each
		}
		this.#note(isKept ? "transaction" : "transaction, undone");
		assert.is(db.getSync("beside"), isKept ? next : value);
	}
}

/** What is done with the table, and with the model. */
type Operation = (
	db: Database,
	subject: Subject,
	random: Random,
) => readonly [theirs: () => unknown, ours: () => unknown];

const OPERATIONS: Readonly<Record<string, Operation>> = {
	insert: (db, { table, model }, random) => {
		const row = randomRow(model.table, random);
		return [() => table.insert(db, row), () => model.insert(row)];
	},
	insertMany: (db, { table, model }, random) => {
		const rows = Array.from({ length: random.below(4) }, () => randomRow(model.table, random));
		const insertAll = () => {
			const before = model.rows;
			try {
				for (const row of rows) model.insert(row);
			} catch (error) {
				model.rows = before;
				throw error;
			}
			return rows.length;
		};
		return [() => table.insertMany(db, rows.values()), insertAll];
	},
	update: (db, subject, random) => {
		const { table, model } = subject;
		const key = canonical({ key: subject.keyOf(subject.randomKey(random)) as object });
		const row = model.rows.find((one) => canonical({ key: subject.keyOf(one) as object }) === key);
		const changes = randomChanges(model.table, random);
		const wanted = row ?? subject.randomKey(random);
		const isIt = (one: Row) =>
			canonical({ key: subject.keyOf(one) as object }) === canonical({ key: subject.keyOf(wanted) as object });
		return [() => table.update(db, subject.keyOf(wanted), changes), () => model.update(isIt, changes)[0]];
	},
	upsert: (db, { table, model }, random) => {
		const { primaryKey, uniques } = model.table;
		const target = random.pick([undefined, primaryKey, ...uniques]);
		const columns = target ?? primaryKey;
		const row = randomRow(model.table, random, columns);
		const options = target === undefined ? undefined : { target: columns.length === 1 ? columns[0] : columns };
		return [() => table.upsert(db, row, options), () => model.upsert(row, columns)];
	},
	delete: (db, subject, random) => {
		const { table, model } = subject;
		const key = subject.keyOf(subject.randomKey(random)) as object;
		const isIt = (row: Row) => canonical({ key: subject.keyOf(row) as object }) === canonical({ key });
		return [() => table.delete(db, key), () => model.delete(isIt) > 0];
	},
	get: (db, subject, random) => {
		const key = subject.keyOf(subject.randomKey(random)) as object;
		const found = () =>
			subject.model.rows.find((row) => canonical({ key: subject.keyOf(row) as object }) === canonical({ key }));
		return [() => subject.table.get(db, key), found];
	},
	find: (db, { table, model }, random) => {
		const { uniques, primaryKey, columns } = model.table;
		const column = random.pick(columns.filter(({ kind }) => kind !== "json"));
		const { property } = column;
		const isUnique = [primaryKey, ...uniques].some((key) => key.length === 1 && key[0] === property);
		const value = randomValue(isUnique ? { ...column, isNullable: false } : column, random);
		const name = `findBy${property[0]?.toUpperCase()}${property.slice(1)}`;
		const find = (table as unknown as Record<string, (db: Database, value: Value) => Row | Rows | undefined>)[name];
		const rows = () => model.select({ [property]: value });
		return [() => shownFound(find?.(db, value)), () => shownFound(isUnique ? rows()[0] : rows())];
	},
	all: (db, subject, random) => {
		const { rows, expected } = selection(subject, random);
		return [() => rows.all(db), expected];
	},
	iterate: (db, subject, random) => {
		const { rows, expected } = selection(subject, random);
		return [() => [...rows.iterate(db)], expected];
	},
	first: (db, subject, random) => {
		const { rows, expected } = selection(subject, random);
		return [() => rows.first(db), () => expected()[0]];
	},
	count: (db, subject, random) => {
		const { rows, expected } = selection(subject, random);
		return [() => rows.count(db), () => expected().length];
	},
	"update where": (db, subject, random) => {
		const { rows, expected } = selection(subject, random);
		const changes = randomChanges(subject.model.table, random);
		const change = () => {
			const these = new Set(expected());
			return subject.model.update((row) => these.has(row), changes).length;
		};
		return [() => rows.update(db, changes), change];
	},
	"delete where": (db, subject, random) => {
		const { rows, expected } = selection(subject, random);
		const remove = () => {
			const these = new Set(expected());
			return subject.model.delete((row) => these.has(row));
		};
		return [() => rows.delete(db), remove];
	},
};

function selection(
	{ table, model }: Subject,
	random: Random,
): { readonly rows: AnyRows; readonly expected: () => Rows } {
	const condition = randomCondition(model.table, random);
	const order = randomOrder(model.table, random);
	const limit = random.once(2) ? random.below(5) : undefined;
	const offset = random.once(4) ? random.below(3) : undefined;
	let rows = table.where(condition);
	for (const [property, direction] of order) rows = rows.orderBy(property, direction);
	if (limit !== undefined) rows = rows.limit(limit);
	if (offset !== undefined) rows = rows.offset(offset);
	const start = offset ?? 0;
	const expected = () =>
		sorted(model.select(condition), order, model).slice(start, start + (limit ?? Number.POSITIVE_INFINITY));
	return { rows, expected };
}

function shown(answer: unknown): unknown {
	if (Array.isArray(answer)) return answer.map(shown);
	return typeof answer === "object" && answer !== null ? canonical(answer) : answer;
}

/** Rows whose order nobody says. */
function shownFound(found: Row | Rows | undefined): unknown {
	return Array.isArray(found) ? shownSet(found) : shown(found);
}

function shownSet(rows: Rows): string[] {
	return rows.map(canonical).sort();
}
