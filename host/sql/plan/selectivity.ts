/** Which share of a table's rows a condition lets through: by statistics where these know, else by custom. */

import type { Bound, BoundInQuery, Coercion } from "../bind/bound.js";
import type { Histogram } from "../catalog/statistics.js";
import { EXPRESSION, isRowId } from "../catalog/table.js";
import { numericIfWhole } from "../value/convert.js";
import { numberText } from "../value/text.js";
import type { Value } from "../value/value.js";
import { isNumeric } from "../value/value.js";
import type { Question } from "./guesses.js";
import { InnerQuery } from "./inner-query.js";
import type { CompareCondition, EqualCondition, PathTable, RangeCondition, UsableIndex } from "./path.js";
import { isWhole } from "./path.js";

/** Rows per value of an index that has not been analyzed. */
const ASSUMED_PER_VALUE = 10;
/** Members of a query behind IN of which nothing is known. */
const ASSUMED_MEMBERS = 25;
/** Of the rows of one of which something is known, as some are the same, and guesses mostly too high. */
const MEMBERS_PER_ROW = 1 / 2;

/** Values of a list that are looked up in histograms. */
const LOOKED_AT = 100;

const SHARE = {
	equal: 0.1,
	/** Of a comparison that no index helps with. */
	compare: 1 / 3,
	between: 1 / 8,
	/** Of one whose value is not known: an index is made for comparisons that let few rows through. */
	indexedCompare: 0.1,
	indexedBetween: 0.025,
	/** Of rows that a partial index has. */
	partial: 0.1,
	null: 0.05,
	pattern: 1 / 8,
	prefix: 1 / 20,
	other: 1 / 2,
} as const;

const clamped = (share: number) => Math.min(1, Math.max(0, share));

export function coerced(value: Value, coercion: Coercion): Value {
	if (coercion === "numeric") return numericIfWhole(value);
	return coercion === "text" && isNumeric(value) ? numberText(value) : value;
}

/** The value that a histogram can be asked about: that of a constant, or the one that a parameter is planned for. */
function known(
	bound: Bound,
	coercion: Coercion,
	question: Question,
	histogram: Histogram | undefined,
	of: PathTable,
): Value | undefined {
	if (bound.kind === "constant") return coerced(bound.value, coercion);
	// What is guessed of a table without statistics is not worth another plan.
	if (bound.kind !== "parameter" || histogram === undefined || statisticsOf(of) === undefined) return undefined;
	return of.guesses?.valueOf(bound.index, coercion, histogram, question);
}

function statisticsOf({ table }: PathTable) {
	return table.kind === "stored" ? table.statistics : undefined;
}

export function histogramOf(column: number, of: PathTable): Histogram | undefined {
	const known = statisticsOf(of)?.histogram(column);
	return known ?? (of.rowIds !== null && isRowId(of.table, column) ? of.rowIds : undefined);
}

/** Whether no two rows have the same in the column, but for NULL. */
function isUnique(column: number, of: PathTable): boolean {
	if (isRowId(of.table, column)) return true;
	return of.indexes.some(
		({ index, parts }) => index.unique && index.where === null && parts.length === 1 && parts[0]?.column === column,
	);
}

/** Share of rows that agree in the column with any one value. */
function perValue(column: number, of: PathTable): number {
	const { rows } = of;
	if (isUnique(column, of)) return 1 / rows;
	const statistics = statisticsOf(of);
	for (const { index, parts } of of.indexes) {
		if (parts[0]?.column !== column || index.where !== null) continue;
		const entries = statistics?.indexes.get(index.id)?.perPrefix[0] ?? ASSUMED_PER_VALUE;
		return clamped(entries / rows);
	}
	const histogram = histogramOf(column, of);
	return histogram === undefined ? SHARE.equal : (1 - histogram.nulls) / histogram.distinct;
}

export function selectivity(bound: Bound, of: PathTable): number {
	return clamped(shareOf(bound, of));
}

/** Of all conditions together: several ends of one range are not independent of each other. */
export function selectivityOfAll(conjuncts: readonly Bound[], of: PathTable): number {
	const ends = new Map<number, { low: number; high: number }>();
	let share = 1;
	for (const bound of conjuncts) {
		const end = endOf(bound, of);
		if (end === undefined) {
			share *= selectivity(bound, of);
			continue;
		}
		const { low, high } = ends.get(end.column) ?? { low: 0, high: 1 };
		ends.set(end.column, { low: Math.max(low, end.low), high: Math.min(high, end.high) });
	}
	for (const { low, high } of ends.values()) share *= clamped(high - low);
	return share;
}

/** A comparison with a known value as the shares of rows between which it lets rows through. */
function endOf(bound: Bound, of: PathTable): { column: number; low: number; high: number } | undefined {
	if (bound.kind !== "compare" || !/^[<>]=?$/.test(bound.operator)) return undefined;
	const isLeft = bound.left.kind === "column" && bound.left.source === of.source;
	const own = isLeft ? bound.left : bound.right;
	if (own.kind !== "column" || own.source !== of.source) return undefined;
	const histogram = histogramOf(own.column, of);
	const value = known(isLeft ? bound.right : bound.left, bound.coercion, "below", histogram, of);
	if (value === undefined || histogram === undefined) return undefined;
	const isUpper = bound.operator.startsWith("<") === isLeft;
	const below = histogram.below(value, bound.operator.endsWith("=") === isUpper);
	return { column: own.column, low: isUpper ? 0 : below, high: isUpper ? below : 1 - histogram.nulls };
}

function shareOf(bound: Bound, of: PathTable): number {
	const columnOf = (side: Bound) => (side.kind === "column" && side.source === of.source ? side.column : undefined);
	switch (bound.kind) {
		case "compare": {
			const left = columnOf(bound.left);
			const column = left ?? columnOf(bound.right);
			const isEqual = bound.operator === "=" || bound.operator === "is";
			const isOther = bound.operator === "<>" || bound.operator === "is not";
			if (column === undefined) return isEqual ? SHARE.equal : isOther ? 1 - SHARE.equal : SHARE.compare;
			const other = left === undefined ? bound.left : bound.right;
			if (isEqual || isOther) {
				const histogram = isUnique(column, of) ? undefined : histogramOf(column, of);
				const value = known(other, bound.coercion, "equal", histogram, of);
				const equal = histogram !== undefined && value !== undefined ? histogram.equal(value) : perValue(column, of);
				return isEqual ? equal : 1 - equal;
			}
			const end = endOf(bound, of);
			return end === undefined ? SHARE.compare : end.high - end.low;
		}
		case "between": {
			const column = columnOf(bound.operand);
			const histogram = column === undefined ? undefined : histogramOf(column, of);
			const low = known(bound.low, bound.lowMatch.coercion, "below", histogram, of);
			const high = known(bound.high, bound.highMatch.coercion, "below", histogram, of);
			const isKnown = histogram !== undefined && low !== undefined && high !== undefined;
			const share = isKnown ? clamped(histogram.below(high, true) - histogram.below(low, false)) : SHARE.between;
			return bound.negated ? 1 - share : share;
		}
		case "in": {
			const column = columnOf(bound.operand);
			const isAsked = column !== undefined && !isUnique(column, of);
			const histogram = isAsked ? histogramOf(column, of) : undefined;
			const each = column === undefined ? SHARE.equal : perValue(column, of);
			const share = sumOver(bound.list, (item) => {
				const value = known(item, bound.coercion, "equal", histogram, of);
				return histogram !== undefined && value !== undefined ? histogram.equal(value) : each;
			});
			return bound.negated ? 1 - share : share;
		}
		case "inQuery": {
			const column = bound.operands.length === 1 ? columnOf(bound.operands[0] as Bound) : undefined; // one operand
			const share = Math.min(0.5, membersOf(bound) * (column === undefined ? SHARE.equal : perValue(column, of)));
			return bound.negated ? 1 - share : share;
		}
		case "isNull": {
			const column = columnOf(bound.operand);
			const share = (column === undefined ? undefined : histogramOf(column, of)?.nulls) ?? SHARE.null;
			return bound.negated ? 1 - share : share;
		}
		case "pattern":
			return bound.negated ? 1 - SHARE.pattern : SHARE.pattern;
		case "and":
			return bound.operands.reduce((share, operand) => share * selectivity(operand, of), 1);
		case "or":
			return 1 - bound.operands.reduce((share, operand) => share * (1 - selectivity(operand, of)), 1);
		default:
			return SHARE.other;
	}
}

function leadingHistogram({ index, parts }: UsableIndex, of: PathTable): Histogram | undefined {
	const column = parts[0]?.column;
	if (column === undefined) return undefined;
	return column === EXPRESSION ? statisticsOf(of)?.expressionHistogram(index.id) : histogramOf(column, of);
}

/** Values that an equality stands for, as far as it is known. */
export function countOf({ values, query }: EqualCondition): number {
	return query === null ? values.length : membersOf(query);
}

function membersOf({ subquery: { query } }: BoundInQuery): number {
	const rows = query instanceof InnerQuery ? query.expectedRows : undefined;
	return rows === undefined ? ASSUMED_MEMBERS : Math.max(1, MEMBERS_PER_ROW * rows);
}

/** How many entries of an index the conditions lead to. */
export function indexEntries(
	usable: UsableIndex,
	equals: readonly EqualCondition[],
	ranges: readonly RangeCondition[],
	of: PathTable,
): number {
	const { index } = usable;
	const figures = statisticsOf(of)?.indexes.get(index.id);
	const all = Math.max(1, figures?.rows ?? of.rows * (index.where === null ? 1 : SHARE.partial));
	const values = equals.reduce((count, equal) => count * countOf(equal), 1);
	const histogram = leadingHistogram(usable, of);
	let entries = all;
	if (equals.length > 0) {
		const isUnique = isWhole({ index: usable, equals });
		// What was written to sqlite_stat1 by hand may be 0.
		const average = Math.max(1, figures?.perPrefix[equals.length - 1] ?? ASSUMED_PER_VALUE / equals.length);
		entries = Math.min(all, isUnique ? values : average * values);
		if (!isUnique && histogram !== undefined) {
			// The leading value is known to be rarer or more frequent than others.
			const [first] = equals as [EqualCondition];
			const perFirst = Math.max(1, figures?.perPrefix[0] ?? ASSUMED_PER_VALUE);
			entries = Math.min(all, (entries * leadingRows(first, histogram, perFirst, of)) / (perFirst * countOf(first)));
		}
	}
	if (ranges.length > 0) entries *= rangeShare(ranges, equals.length === 0 ? histogram : undefined, of);
	return Math.max(entries, 0.1);
}

function leadingRows(equal: EqualCondition, histogram: Histogram, perValue: number, of: PathTable): number {
	if (equal.query !== null) return perValue * membersOf(equal.query);
	return sumOver(equal.values, (bound) => {
		const value = known(bound, equal.coercion, "equal", histogram, of);
		if (value === undefined) return perValue;
		return of.rows * (value === null && equal.matchesNull ? histogram.nulls : histogram.equal(value));
	});
}

/** Of a long list the first values stand for all. */
function sumOver(list: readonly Bound[], share: (item: Bound) => number): number {
	const looked = list.slice(0, LOOKED_AT);
	return (looked.reduce((sum, item) => sum + share(item), 0) * list.length) / Math.max(1, looked.length);
}

export function rangeShare(ranges: readonly RangeCondition[], histogram: Histogram | undefined, of: PathTable): number {
	let low = 0;
	let high = 1 - (histogram?.nulls ?? 0);
	let unknown = 0;
	let prefix = 1;
	for (const range of ranges) {
		if (range.kind === "prefix") prefix = SHARE.prefix;
		if (range.kind !== "compare") continue;
		const value = known(range.value, range.coercion, "below", histogram, of);
		if (histogram === undefined || value === undefined) unknown++;
		else if (isUpper(range)) high = Math.min(high, histogram.below(value, range.operator === "<="));
		else low = Math.max(low, histogram.below(value, range.operator === ">"));
	}
	const share = unknown === 0 ? 1 : unknown === 1 ? SHARE.indexedCompare : SHARE.indexedBetween;
	return clamped(high - low) * share * prefix;
}

function isUpper({ operator }: CompareCondition): boolean {
	return operator === "<" || operator === "<=";
}
