/** Constants that are worth comparing: of every class, with the edges of each, and few enough to meet again. */

import type { Random } from "../../support/random.js";

const COMMON_INTEGERS = ["0", "1", "2", "3", "4", "5"];
// biome-ignore format: a table
const EDGE_INTEGERS = [
	"-1", "-2", "7", "10", "42", "100", "-128", "255", "65536", "2147483647", "2147483648", "-2147483649",
	"9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "4611686018427387904",
	"9223372036854775807", "-9223372036854775807", "-9223372036854775808", "0x10", "0x7fffffffffffffff",
];
const COMMON_REALS = ["0.0", "1.0", "2.0", "0.5", "1.5", "2.5", "-1.5"];
// biome-ignore format: a table
const EDGE_REALS = [
	"0.1", "1e10", "1e15", "1e16", "123456.789", "-0.001", "1e-5", "9007199254740992.0", "9007199254740993.0",
	"9223372036854775807.0", "-9223372036854775808.0", "1e19", "1e100", "-1e100", "3.0e-10",
];
const COMMON_TEXTS = ["''", "'a'", "'b'", "'A'", "'B'", "'ab'"];
// biome-ignore format: a table
const EDGE_TEXTS = [
	"'a '", "' a'", "'AB'", "'Abc'", "'abc'", "'abc '", "'1'", "'2'", "'1.0'", "'1.5'", "'-5'", "'+3'", "' 7 '", "'1e2'",
	"'0x10'", "'12abc'", "'.5'", "'5.'", "'9007199254740993'", "'9223372036854775807'", "'9223372036854775808'", "'é'",
	"'É'", "'ß'", "'日本'", "'😀'", "'a😀b'", "'a%b'", "'a_b'", "'%'", "'a*'", "'[ab]'", "'it''s'", "'NULL'", "'-'", "'e'",
];
const BLOBS = ["x''", "x'61'", "x'6162'", "x'31'", "x'2D35'", "x'C3A9'", "X'4142'"];
// biome-ignore format: a table
const PATTERNS = [
	"'%'", "'a%'", "'%a'", "'%a%'", "'_'", "'a_'", "'_b%'", "'A%'", "'%É%'", "'1%'", "'%.%'", "''", "'a'", "'%😀%'", "'__%'",
];
const GLOBS = [
	"'*'",
	"'a*'",
	"'*a'",
	"'?'",
	"'a?'",
	"'[ab]*'",
	"'[^a]*'",
	"'A*'",
	"'*[0-9]*'",
	"''",
	"'é'",
	"'*[a-c]'",
	"'[]]'",
];
export const JSON_TEXTS = [
	`'{"a":1,"b":[1,2.5,"x"],"c":null}'`,
	`'[1,"a",null,true,{"k":[3]}]'`,
	`'{}'`,
	`'[]'`,
	`'5'`,
	`'"text"'`,
	`'null'`,
	`'{"a":{"b":{"c":"deep"}},"é":1.0}'`,
];
export const JSON_PATHS = ["'$'", "'$.a'", "'$.b'", "'$.b[1]'", "'$[0]'", "'$[#-1]'", "'$.a.b'", "'$[4].k'", "'$.x'"];
// biome-ignore format: a table
export const DATES = [
	"'2024-02-29'", "'2023-12-31 23:59:59'", "'1970-01-01'", "'2000-01-01T12:00'", "'12:34:56'", "'2024-05-17 01:02:03.456'",
	"'9999-12-31'", "'0000-01-01'", "'2024-13-01'", "'bad'", "NULL", "2451545", "2460000.25", "'2024-02-30'", "1700000000",
	"'2024-01-31 10:00:00+02:00'",
];
// biome-ignore format: a table
export const DATE_MODIFIERS = [
	"'+1 day'", "'-1 month'", "'+1 year'", "'start of month'", "'start of year'", "'start of day'", "'weekday 0'",
	"'weekday 3'", "'+1.5 hours'", "'-90 minutes'", "'unixepoch'", "'+00:30'", "'auto'", "'julianday'", "'+13 months'",
];
export const DATE_FORMATS = ["'%Y-%m-%d'", "'%H:%M:%S'", "'%j %w'", "'%s'", "'%d/%m/%Y %f'", "'%W %%'", "'%J'"];

/** What kind of value is wanted. Wishes only: every kind may turn up anywhere. */
export type Hint = "any" | "number" | "text" | "boolean";

export function literal(random: Random, hint: Hint): string {
	if (random.once(9)) return "NULL";
	switch (random.once(6) ? "any" : hint) {
		case "number":
			return numberLiteral(random);
		case "text":
			return textLiteral(random);
		case "boolean":
			return random.pick(["0", "1", "TRUE", "FALSE"]);
		default:
			if (random.once(9)) return random.pick(BLOBS);
			return random.once(2) ? numberLiteral(random) : textLiteral(random);
	}
}

function numberLiteral(random: Random): string {
	if (random.once(3)) return random.pick(random.once(2) ? COMMON_REALS : EDGE_REALS);
	return random.pick(random.once(4) ? EDGE_INTEGERS : COMMON_INTEGERS);
}

function textLiteral(random: Random): string {
	return random.pick(random.once(2) ? EDGE_TEXTS : COMMON_TEXTS);
}

export function smallLiteral(random: Random): string {
	return random.pick(COMMON_INTEGERS);
}

export function likePattern(random: Random): string {
	return random.pick(PATTERNS);
}

export function globPattern(random: Random): string {
	return random.pick(GLOBS);
}

export function textSeparator(random: Random): string {
	return random.pick(["''", "'-'", "', '", "'é'"]);
}
