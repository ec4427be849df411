/** Words and symbols of expressions, by what they are where a value has to come, and where one has been. */

/** Where a value has to come. "skip" also for the second half of `<=`, `<>`, `==` and `!=`. */
export interface OperandWords {
	"(": "open";
	")": "close";
	"*": "star";
	"=": "skip";
	">": "skip";
	"-": "sign";
	"+": "sign";
	"~": "sign";
	NOT: "not";
	NULL: "null";
	CASE: "case";
	CAST: "cast";
	EXISTS: "exists";
	DISTINCT: "skip";
	ALL: "skip";
	CURRENT_DATE: "now";
	CURRENT_TIME: "now";
	CURRENT_TIMESTAMP: "now";
	WHEN: "when";
	",": "wrong";
	"<": "wrong";
	FROM: "wrong";
	WHERE: "wrong";
	SELECT: "wrong";
	RAISE: "wrong";
}

/** Behind a value. */
export interface OperatorWords {
	"=": "compare";
	"<": "compare";
	">": "compare";
	"!": "compare";
	"+": "number";
	"-": "number";
	"*": "number";
	"&": "number";
	"/": "divide";
	"%": "divide";
	"|": "bar";
	",": "comma";
	")": "close";
	AND: "and";
	OR: "or";
	IS: "is";
	IN: "in";
	LIKE: "pattern";
	GLOB: "pattern";
	REGEXP: "pattern";
	MATCH: "pattern";
	ESCAPE: "pattern";
	BETWEEN: "between";
	NOT: "not";
	ISNULL: "null";
	NOTNULL: "null";
	COLLATE: "collate";
	OVER: "over";
	FILTER: "filter";
	WHEN: "when";
	THEN: "then";
	ELSE: "else";
	END: "end";
	AS: "as";
}

/** Behind a parameter that nothing is known of: what it is by that, or that the next value says it. */
export interface NextWords {
	"=": "compared";
	"<": "compared";
	">": "compared";
	"!": "compared";
	"+": number | bigint;
	"-": number | bigint;
	"*": number | bigint;
	"/": number | bigint;
	"%": number | bigint;
	"|": string;
	LIKE: string;
	GLOB: string;
	BETWEEN: "between";
}

export type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";

/** The name that stands in a token for a parameter; with ?, the number that it has, or gets by its place. */
export type ParameterName<W extends string> = W extends `{${infer Name}}`
	? Name
	: W extends `${":" | "@" | "$"}${infer Name}`
		? Name
		: W extends `${infer Numbered extends `?${string}`}\u0002`
			? Numbered
			: W extends `?${string}`
				? W
				: never;
