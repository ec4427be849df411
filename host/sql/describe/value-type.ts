/** What is known of an expression's values before there are any: which storage classes they can have, and whether NULL can be among them. */

import type { Affinity } from "../value/convert.js";
import type { Value } from "../value/value.js";
import { storageClass } from "../value/value.js";

/** Bits of a set of storage classes. */
export const INTEGER = 1;
export const REAL = 2;
export const TEXT = 4;
export const BLOB = 8;
export const NUMBER = INTEGER | REAL;
export const ALL = NUMBER | TEXT | BLOB;

export interface ValueType {
	/** Those that values can have which are not NULL; 0 where all are NULL. */
	readonly classes: number;
	readonly nullable: boolean;
}

export const ANYTHING: ValueType = { classes: ALL, nullable: true };

export function never(classes: number): ValueType {
	return { classes, nullable: false };
}

export function maybe(classes: number): ValueType {
	return { classes, nullable: true };
}

export function withNull(type: ValueType): ValueType {
	return type.nullable ? type : { ...type, nullable: true };
}

export function withoutNull(type: ValueType): ValueType {
	return type.nullable ? { ...type, nullable: false } : type;
}

/** What either of them can be. */
export function either(a: ValueType, b: ValueType): ValueType {
	return { classes: a.classes | b.classes, nullable: a.nullable || b.nullable };
}

/** Of no types: nothing, not even NULL. */
export function anyOf(types: readonly ValueType[]): ValueType {
	return types.reduce(either, never(0));
}

export function isNullable(types: readonly ValueType[]): boolean {
	return types.some(({ nullable }) => nullable);
}

export function sameTypes(a: readonly ValueType[], b: readonly ValueType[]): boolean {
	return a.every(({ classes, nullable }, i) => classes === b[i]?.classes && nullable === b[i]?.nullable);
}

const CLASSES = { null: 0, integer: INTEGER, real: REAL, text: TEXT, blob: BLOB } as const;

export function typeOfValue(value: Value): ValueType {
	return { classes: CLASSES[storageClass(value)], nullable: value === null };
}

/** What a column that is declared with the affinity is trusted to hold: a column for INTEGERs keeps fractions. */
export const CLASSES_OF_AFFINITY: Readonly<Record<Affinity, number>> = {
	integer: NUMBER,
	real: REAL,
	text: TEXT,
	blob: BLOB,
	numeric: ALL,
};
