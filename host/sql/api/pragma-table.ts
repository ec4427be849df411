/** A PRAGMA that tells of the schema: rows of fixed columns for an object's name. */

import type { RunLimits, Tuple } from "../execute/operator.js";
import { toText } from "../value/convert.js";
import type { Value } from "../value/value.js";
import type { Session } from "./session.js";

export interface PragmaTable {
	readonly name: string;
	readonly columns: readonly string[];
	/** What it takes: an object's name, and then the schema's; each may be NULL. */
	readonly arguments: readonly ("arg" | "schema")[];
	rows(values: readonly Value[], session: Session, limits?: RunLimits): Iterable<Tuple>;
}

/** A pragma's rows by the object's name and the schema's, both as text. */
export type PragmaRows = (
	argument: string | null,
	schema: string | null,
	session: Session,
	limits: RunLimits,
) => Tuple[];

export function define(
	name: string,
	columns: readonly string[],
	takes: readonly ("arg" | "schema")[],
	rows: PragmaRows,
): PragmaTable {
	return {
		name,
		columns,
		arguments: takes,
		rows: ([argument = null, schema = null], session, limits = {}) =>
			rows(toText(argument), toText(schema), session, limits),
	};
}
