/** Conditions that a scan tests before it makes values of a row: a column against something known before the row is. */

import {
	ROWID_COLUMN,
	TERM_EQUAL,
	TERM_GREATER,
	TERM_GREATER_EQUAL,
	TERM_IS_NULL,
	TERM_LESS,
	TERM_LESS_EQUAL,
	TERM_LIKE,
	TERM_NOT_EQUAL,
	TERM_NOT_NULL,
} from "../../../assembly/shared/row.js";
import type { Bound, BoundColumn, CompareOperator, Comparison } from "../bind/bound.js";
import { isRowIndependent } from "../bind/traverse.js";
import type { StoredTable, Table } from "../catalog/table.js";
import { isRowId } from "../catalog/table.js";
import type { Evaluate } from "../execute/compile.js";
import type { RowTermOptions } from "../execute/row-scan.js";

/** What is tested in a scan, and what remains to be tested of the rows that it yields. */
export interface RowTerms {
	readonly terms: readonly RowTermOptions[];
	readonly rest: readonly Bound[];
}

const OPERATORS: Record<Exclude<CompareOperator, "is" | "is not">, number> = {
	"=": TERM_EQUAL,
	"<>": TERM_NOT_EQUAL,
	"<": TERM_LESS,
	"<=": TERM_LESS_EQUAL,
	">": TERM_GREATER,
	">=": TERM_GREATER_EQUAL,
};

const PLAIN = { coercion: "none", withNull: false, isJoined: false } as const;

const FLIPPED: Partial<Record<CompareOperator, CompareOperator>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

export function rowTerms(
	table: Table,
	source: number,
	conjuncts: readonly Bound[],
	available: ReadonlySet<number>,
	compileFixed: (bound: Bound) => Evaluate,
): RowTerms {
	if (table.kind === "keyValue") return { terms: [], rest: conjuncts };
	const terms: RowTermOptions[] = [];
	const rest: Bound[] = [];
	const isOurs = (bound: Bound): bound is BoundColumn =>
		bound.kind === "column" && bound.source === source && canBeTested(table, bound.column);
	const isFixed = (bound: Bound) => isRowIndependent(bound, available);
	const numberOf = (column: BoundColumn) => rowColumn(table, column.column);

	const compared = (column: BoundColumn, operator: CompareOperator, value: Bound, match: Comparison): boolean => {
		if (!isFixed(value) || !isAsStored(column, match)) return false;
		const { coercion } = match;
		const isJoined = !isRowIndependent(value);
		const common = { column: numberOf(column), value: compileFixed(value), coercion, isJoined };
		if (operator === "is" || operator === "is not") {
			terms.push({ ...common, operator: operator === "is" ? TERM_EQUAL : TERM_NOT_EQUAL, withNull: true });
		} else {
			terms.push({ ...common, operator: OPERATORS[operator], withNull: false });
		}
		return true;
	};

	for (const bound of conjuncts) {
		if (bound.kind === "compare") {
			const { left, right, operator } = bound;
			if (isOurs(left) && compared(left, operator, right, bound)) continue;
			if (isOurs(right) && compared(right, FLIPPED[operator] ?? operator, left, bound)) continue;
		} else if (bound.kind === "between" && !bound.negated && isOurs(bound.operand)) {
			const { operand, low, high, lowMatch, highMatch } = bound;
			const fits = isFixed(low) && isFixed(high) && isAsStored(operand, lowMatch) && isAsStored(operand, highMatch);
			if (fits && compared(operand, ">=", low, lowMatch) && compared(operand, "<=", high, highMatch)) continue;
		} else if (bound.kind === "isNull" && isOurs(bound.operand)) {
			const operator = bound.negated ? TERM_NOT_NULL : TERM_IS_NULL;
			terms.push({ column: numberOf(bound.operand), operator, value: null, ...PLAIN });
			continue;
		} else if (bound.kind === "pattern" && bound.operator === "like" && !bound.negated && bound.escape === null) {
			// Decided for texts only: what it lets through is tested again.
			if (isOurs(bound.operand) && isFixed(bound.pattern)) {
				const value = compileFixed(bound.pattern);
				const column = numberOf(bound.operand);
				terms.push({ column, operator: TERM_LIKE, value, ...PLAIN, isJoined: !isRowIndependent(bound.pattern) });
			}
		}
		rest.push(bound);
	}
	// What is cheap to decide comes first.
	const isPattern = ({ operator }: RowTermOptions) => operator === TERM_LIKE;
	return { terms: [...terms.filter((term) => !isPattern(term)), ...terms.filter(isPattern)], rest };
}

/** How the column is called in a scan's program. */
export function rowColumn(table: StoredTable, column: number): number {
	return isRowId(table, column) ? ROWID_COLUMN : column;
}

/** A row that is older than a column with a DEFAULT does not hold its value. */
export function canBeTested(table: StoredTable, column: number): boolean {
	return isRowId(table, column) || (table.columns[column]?.missing ?? null) === null;
}

/** Whether the comparison takes the column's values as they are stored. */
function isAsStored(column: BoundColumn, { coercion, collation }: Comparison): boolean {
	if (collation !== "binary") return false;
	switch (coercion) {
		case "none":
			return true;
		case "text":
			return column.affinity === "text";
		case "numeric":
			// What looks like a number is stored as one.
			return column.affinity === "integer" || column.affinity === "real" || column.affinity === "numeric";
	}
}
