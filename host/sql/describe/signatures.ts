/** Types of the built-in scalar functions: what they give, and what they are meant to be given. */

import type { ValueType } from "./value-type.js";
import { ALL, anyOf, BLOB, INTEGER, isNullable, NUMBER, REAL, TEXT } from "./value-type.js";

type Types = readonly ValueType[];

export interface Signature {
	/** NULL in any argument makes NULL of the result. */
	readonly strict: boolean;
	result(given: Types): ValueType;
	/** Storage classes that the argument is meant to have; ALL where that is open, undefined where those of the other arguments. */
	argument(index: number): number | undefined;
}

/**
 * When a function gives NULL: never; where an argument is NULL; where an argument is NULL or may be no number; perhaps. What a
 * function does with infinities is left out.
 */
type Nulls = "never" | "strict" | "numeric" | "perhaps";

const MAY_BE_NULL: Readonly<Record<Nulls, (given: Types) => boolean>> = {
	never: () => false,
	strict: isNullable,
	numeric: (given) => given.some(({ nullable, classes }) => nullable || (classes & ~NUMBER) !== 0),
	perhaps: () => true,
};

/** By letter, in the tables below: n a number, t a text, a anything, s what the others are; the last one counts for those behind it. */
const MEANT: Readonly<Record<string, number | undefined>> = { n: NUMBER, t: TEXT, a: ALL, s: undefined };

interface Shape {
	readonly meant: string;
	readonly nulls: Nulls;
	readonly classes: number | ((given: Types) => number);
	/** In the place of what `nulls` says. */
	readonly nullable?: (given: Types) => boolean;
}

function signature({ meant, nulls, classes, nullable = MAY_BE_NULL[nulls] }: Shape): Signature {
	return {
		strict: nulls === "strict" || nulls === "numeric",
		result: (given) => ({
			classes: typeof classes === "number" ? classes : classes(given),
			nullable: nullable(given),
		}),
		argument: (index) => MEANT[meant[Math.min(index, meant.length - 1)] ?? "a"],
	};
}

// biome-ignore format: a table
const PLAIN: readonly (readonly [names: string, meant: string, nulls: Nulls, classes: number])[] = [
	["changes total_changes last_insert_rowid random", "", "never", INTEGER],
	["randomblob zeroblob", "n", "never", BLOB],
	["sqlite_source_id sqlite_version current_date current_time current_timestamp", "", "never", TEXT],
	["sqlite_compileoption_get", "n", "perhaps", TEXT],
	["sqlite_compileoption_used", "t", "strict", INTEGER],
	["typeof quote hex", "a", "never", TEXT],
	["char", "n", "never", TEXT],
	["format printf", "ta", "perhaps", TEXT],
	["round", "n", "strict", REAL],
	["sign", "n", "numeric", INTEGER],
	["instr length", "t", "strict", INTEGER],
	["lower upper ltrim rtrim trim", "t", "strict", TEXT],
	["unicode", "t", "perhaps", INTEGER],
	["acos acosh asin atanh ln log log10 log2 mod pow power sqrt", "n", "perhaps", REAL],
	["asinh atan atan2 cos cosh degrees exp radians sin sinh tan tanh", "n", "numeric", REAL],
	["pi", "", "never", REAL],
	["date time datetime strftime", "t", "perhaps", TEXT],
	["julianday", "t", "perhaps", REAL],
	["unixepoch", "t", "perhaps", INTEGER],
	["json json_patch", "t", "strict", TEXT],
	["json_array json_object json_quote", "a", "never", TEXT],
	["json_remove ->", "t", "perhaps", TEXT],
	["json_valid", "t", "never", INTEGER],
	["->>", "ta", "perhaps", NUMBER | TEXT],
];

const allClasses = (given: Types) => anyOf(given).classes;
const firstClasses = ([first]: Types) => first?.classes ?? ALL;
const firstNullable = ([first]: Types) => first?.nullable ?? true;
/** INTEGERs stay INTEGERs. */
const numberOf = (given: Types) => (firstClasses(given) === INTEGER ? INTEGER : NUMBER);
const partOf = (given: Types) => (firstClasses(given) & ~BLOB ? TEXT : 0) | (firstClasses(given) & BLOB);
/** Of an empty blob there is no part. */
const partIsNull = (given: Types) => isNullable(given) || (firstClasses(given) & BLOB) !== 0;
/** What is set in the place of the whole document comes out as it is. */
const replacedJson = (given: Types) => TEXT | allClasses(given.slice(1));
/** Blobs match nothing, not even NULL. */
const match: Signature = { ...signature({ meant: "t", nulls: "strict", classes: INTEGER }), strict: false };
const hint = signature({ meant: "an", nulls: "perhaps", classes: firstClasses, nullable: firstNullable });
const rounding = signature({ meant: "n", nulls: "numeric", classes: numberOf });
const part = signature({ meant: "tn", nulls: "strict", classes: partOf, nullable: partIsNull });
const extreme = signature({ meant: "s", nulls: "strict", classes: allClasses });
const changedJson = signature({
	meant: "ta",
	nulls: "perhaps",
	classes: replacedJson,
	nullable: (given) => given.length === 0 || isNullable(given),
});
/** A second argument is a path, which may lead nowhere. */
const ofJson = (classes: number) =>
	signature({ meant: "t", nulls: "perhaps", classes, nullable: (given) => given.length > 1 || firstNullable(given) });

const SPECIAL: Readonly<Record<string, Signature>> = {
	abs: signature({ meant: "n", nulls: "strict", classes: numberOf }),
	ceil: rounding,
	ceiling: rounding,
	floor: rounding,
	trunc: rounding,
	like: match,
	glob: match,
	likely: hint,
	unlikely: hint,
	likelihood: hint,
	max: extreme,
	min: extreme,
	nullif: signature({ meant: "s", nulls: "perhaps", classes: firstClasses }),
	// With an empty pattern a number stays one, whatever the replacement.
	replace: {
		...signature({ meant: "t", nulls: "strict", classes: (given) => TEXT | (firstClasses(given) & NUMBER) }),
		strict: false,
	},
	substr: part,
	substring: part,
	json_type: ofJson(TEXT),
	json_array_length: ofJson(INTEGER),
	json_extract: signature({
		meant: "t",
		nulls: "perhaps",
		classes: (given) => (given.length > 2 ? TEXT : NUMBER | TEXT),
	}),
	json_insert: changedJson,
	json_replace: changedJson,
	json_set: changedJson,
};

const SIGNATURES: ReadonlyMap<string, Signature> = new Map([
	...PLAIN.flatMap(([names, meant, nulls, classes]) =>
		names.split(" ").map((name) => [name, signature({ meant, nulls, classes })] as const),
	),
	...Object.entries(SPECIAL),
]);

const UNKNOWN = signature({ meant: "a", nulls: "perhaps", classes: ALL });

/** Of a built-in function; one that the user has defined may give anything. */
export function signatureOf({ name, isOwn }: { readonly name: string; readonly isOwn?: boolean }): Signature {
	return (isOwn === true ? undefined : SIGNATURES.get(name)) ?? UNKNOWN;
}
