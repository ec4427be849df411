/** Values as literals of SQL: in DEFAULT clauses, which take no parameters. */

import { Buffer } from "node:buffer";
import type { Stored } from "./kinds.js";

export function literalOf(value: Stored): string {
	switch (typeof value) {
		case "string":
			return `'${value.replaceAll("'", "''")}'`;
		case "bigint":
			return String(value);
		case "number":
			return numberLiteral(value);
		default:
			return `x'${Buffer.from(value).toString("hex")}'`;
	}
}

/** Of what JavaScript calls Infinity SQL has the number that is too large. */
function numberLiteral(value: number): string {
	if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : String(value);
	return value > 0 ? "9e999" : "-9e999";
}
