/**
 * Calls of functions and what SQLite answers. Values carry their storage class: `n` NULL, `i:` INTEGER, `r:` REAL, `t:`
 * TEXT, `b:` BLOB in hex; an answer may be `e:` and the message of an error. An argument that is an array is a call.
 */

import type { Value } from "../../../host/sql/value/value.js";
import { integer, real, storageClass, toDouble } from "../../../host/sql/value/value.js";

export type Call = readonly [name: string, ...values: Argument[]];
export type Argument = string | Call;
export type Answer = readonly [call: Call, result: string];

export interface TableAnswer {
	readonly name: string;
	readonly values: readonly string[];
	readonly rows: string | readonly (readonly string[])[];
}

export interface AggregateAnswer {
	/** With the arguments as a row's columns a and b, or a star. */
	readonly call: string;
	readonly rows: readonly (readonly string[])[];
	/** How many rows before the current one are in its frame; null for one group of all rows. */
	readonly preceding: number | null;
	readonly results: string | readonly string[];
}

export function decoded(text: string): Value {
	const content = text.slice(2);
	switch (text[0]) {
		case "i":
			return integer(BigInt(content));
		case "r":
			return real(Number(content));
		case "t":
			return content;
		case "b":
			return new Uint8Array(Buffer.from(content, "hex"));
		default:
			return null;
	}
}

export function encoded(value: Value): string {
	switch (storageClass(value)) {
		case "null":
			return "n";
		case "integer":
			return `i:${value}`;
		case "real":
			return `r:${toDouble(value as number)}`;
		case "text":
			return `t:${value}`;
		case "blob":
			return `b:${Buffer.from(value as Uint8Array).toString("hex")}`;
	}
}

/** REALs may differ in their last digit: mathematical functions of C libraries do, too. */
export function isAnswer(got: string, expected: string): boolean {
	if (got === expected) return true;
	if (!got.startsWith("r:") || !expected.startsWith("r:")) return false;
	const a = Number(got.slice(2));
	const b = Number(expected.slice(2));
	return a === b || Math.abs(a - b) <= 4e-16 * Math.max(Math.abs(a), Math.abs(b));
}

/** The call as SQL text. */
export function sqlOf(argument: Argument): string {
	if (typeof argument !== "string") {
		const [name, ...values] = argument;
		if (name === "->" || name === "->>") return `(${values.map(sqlOf).join(` ${name} `)})`;
		return `${name}(${values.map(sqlOf).join(", ")})`;
	}
	const content = argument.slice(2);
	switch (argument[0]) {
		case "i":
			return content === "-9223372036854775808" ? "(-9223372036854775807 - 1)" : content;
		case "r":
			return /Inf/.test(content) ? content.replace("Infinity", "9e999") : Number(content).toExponential(16);
		case "t":
			return content
				.split("\0")
				.map((part) => `'${part.replaceAll("'", "''")}'`)
				.join(" || char(0) || ");
		case "b":
			return `x'${content}'`;
		default:
			return "NULL";
	}
}
