/** Conditions -> the text behind WHERE, and its values. Values are bound: nothing that is given becomes a part of the text but names of columns. */

import type { DefinedColumn } from "./declared.js";
import type { TableDefinition } from "./definition.js";
import { KINDS, type Stored } from "./kinds.js";
import { invalid, isPlainObject, quoted, shown } from "./names.js";
import { columnNamed, storedValue } from "./rows.js";

export interface Where {
	/** Empty where all rows are meant. */
	readonly text: string;
	readonly values: readonly Stored[];
}

/** A statement has at most 32,766 parameters: this leaves room for what it has besides. */
const MAX_VALUES = 30_000;
/** Within each other. */
const MAX_DEPTH = 64;

const NEVER = "0";
const ALWAYS = "1";

const COMPARISONS: Readonly<Record<string, string>> = { gt: ">", gte: ">=", lt: "<", lte: "<=" };

export function whereOf(condition: unknown, table: TableDefinition): Where {
	const builder = new ConditionBuilder(table);
	const terms = builder.terms(condition, 0);
	return { text: terms.join(" AND "), values: builder.values };
}

class ConditionBuilder {
	readonly values: Stored[] = [];
	readonly #table: TableDefinition;

	constructor(table: TableDefinition) {
		this.#table = table;
	}

	/** What has to hold, each in brackets where it needs them. */
	terms(condition: unknown, depth: number): string[] {
		const { name } = this.#table;
		if (!isPlainObject(condition))
			throw invalid(
				`A condition for rows of table ${shown(name)} is an object, not ${shown(condition)}. For all rows it is {}.`,
			);
		if (depth > MAX_DEPTH) throw invalid(`Conditions are within each other at most ${MAX_DEPTH} deep.`);
		return Object.keys(condition).flatMap((property): string | string[] => {
			const value = condition[property];
			switch (property) {
				case "and":
				case "or":
					return this.#combined(property, value, depth);
				case "not":
					return `NOT (${conjunction(this.terms(value, depth + 1))})`;
				default:
					return this.#tests(columnNamed(property, this.#table), value);
			}
		});
	}

	#combined(how: "and" | "or", conditions: unknown, depth: number): string {
		if (!Array.isArray(conditions)) throw invalid(`${how} takes a list of conditions, not ${shown(conditions)}.`);
		const parts = conditions.map((condition) => `(${conjunction(this.terms(condition, depth + 1))})`);
		if (how === "and") return parts.length === 0 ? ALWAYS : `(${parts.join(" AND ")})`;
		return parts.length === 0 ? NEVER : `(${parts.join(" OR ")})`;
	}

	#tests(column: DefinedColumn, value: unknown): string[] {
		const name = quoted(column.name);
		if (!isPlainObject(value)) return [this.#equal(column, value, name)];
		const tests = Object.keys(value);
		if (tests.length === 0)
			throw invalid(
				`The condition for ${shown(column.property)} of table ${shown(this.#table.name)} is an object without a comparison.`,
			);
		return tests.map((test) => this.#test(column, name, test, value[test]));
	}

	#test(column: DefinedColumn, name: string, test: string, value: unknown): string {
		const { compares } = column.kind;
		const operator = Object.hasOwn(COMPARISONS, test) ? COMPARISONS[test] : undefined;
		const isOrdered = compares === "order" || compares === "text";
		if (test === "isNull") {
			if (typeof value === "boolean") return value ? `${name} IS NULL` : `${name} IS NOT NULL`;
			throw invalid(`isNull is true or false, not ${shown(value)}.`);
		}
		if (compares !== "nothing") {
			if (test === "eq") return this.#equal(column, value, name);
			if (test === "ne") return value === null ? `${name} IS NOT NULL` : `${name} <> ${this.#bound(column, value)}`;
			if (test === "in") return this.#oneOf(column, value, name);
			if (test === "notIn") return this.#noneOf(column, value, name);
		}
		if (isOrdered && operator !== undefined) return `${name} ${operator} ${this.#bound(column, value)}`;
		if (isOrdered && test === "between") {
			const [least, greatest] = this.#list(value, test, 2);
			return `${name} BETWEEN ${this.#bound(column, least)} AND ${this.#bound(column, greatest)}`;
		}
		if (compares === "text" && test === "like") return `${name} LIKE ${this.#bound(column, value)}`;
		throw invalid(
			`A column of ${column.kind.name}, such as ${shown(column.property)} of table ${shown(this.#table.name)}, is not compared by ${shown(test)}.`,
		);
	}

	#equal(column: DefinedColumn, value: unknown, name: string): string {
		if (value === null) return `${name} IS NULL`;
		if (column.kind === KINDS.json)
			throw invalid(
				`${shown(column.property)} of table ${shown(this.#table.name)} is JSON, whose texts tell equal values apart: a condition can be null or { isNull }.`,
			);
		return `${name} = ${this.#bound(column, value)}`;
	}

	#oneOf(column: DefinedColumn, list: unknown, name: string): string {
		const { values, hasNull } = this.#values(list, "in");
		const isNull = hasNull ? [`${name} IS NULL`] : [];
		const inList = values.length === 0 ? [] : [`${name} IN (${this.#boundList(column, values)})`];
		const either = [...inList, ...isNull];
		return either.length === 0 ? NEVER : either.length === 1 ? either.join() : `(${either.join(" OR ")})`;
	}

	#noneOf(column: DefinedColumn, list: unknown, name: string): string {
		const { values, hasNull } = this.#values(list, "notIn");
		if (values.length === 0) return hasNull ? `${name} IS NOT NULL` : ALWAYS;
		return `${name} NOT IN (${this.#boundList(column, values)})`;
	}

	#values(list: unknown, test: string): { readonly values: readonly unknown[]; readonly hasNull: boolean } {
		const values: unknown[] = [];
		let hasNull = false;
		for (const value of this.#list(list, test)) {
			if (value === null) hasNull = true;
			else values.push(value);
		}
		return { values, hasNull };
	}

	#list(value: unknown, test: string, length?: number): readonly unknown[] {
		if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
		throw invalid(
			`${test} takes ${length === undefined ? "a list" : `a list of ${length}`} of values, not ${shown(value)}.`,
		);
	}

	#bound(column: DefinedColumn, value: unknown): string {
		if (this.values.length === MAX_VALUES)
			throw invalid(`A condition compares with at most ${MAX_VALUES} values. Ask for them in several steps.`);
		this.values.push(storedValue(column, value, this.#table));
		return "?";
	}

	/** Filled up with the last value to one of few lengths, so that lists of other lengths are the same statement. */
	#boundList(column: DefinedColumn, values: readonly unknown[]): string {
		for (const value of values) this.#bound(column, value);
		const last = this.values.at(-1) as Stored; // there is one
		const length = Math.min(2 ** Math.ceil(Math.log2(values.length)), values.length + MAX_VALUES - this.values.length);
		for (let count = values.length; count < length; count++) this.values.push(last);
		return new Array<string>(length).fill("?").join(", ");
	}
}

function conjunction(terms: readonly string[]): string {
	return terms.length === 0 ? ALWAYS : terms.join(" AND ");
}
