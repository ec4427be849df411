/**
 * The text of a statement, for the types that read it: tokens with one space behind each, comments gone. What stands in quotes is one
 * token, with \u0001 for its spaces. Nothing goes from character to character, so that the steps are no more than the tokens.
 */

import type { Digit } from "./words.js";

/** Every `From` as `To`, three at a time; null where there are so many that the compiler would give up. */
export type Replace<
	S extends string,
	From extends string,
	To extends string,
	Done extends string = "",
	Steps extends 0[] = [],
> = S extends `${infer A}${From}${infer B}`
	? B extends `${infer C}${From}${infer D}${From}${infer E}`
		? Steps["length"] extends 500
			? null
			: Replace<E, From, To, `${Done}${A}${To}${C}${To}${D}${To}`, [...Steps, 0]>
		: B extends `${infer C}${From}${infer D}`
			? `${Done}${A}${To}${C}${To}${D}`
			: `${Done}${A}${To}${B}`
	: `${Done}${S}`;

type Blank = "\n" | "\t" | "\r";
type Comparison = "<" | ">" | "!" | "|";
type RareSymbol = "+" | "-" | "/" | "%" | "&" | "~" | ";";
type Opener = "'" | '"' | "`" | "[" | "--" | "/*";

/** Blanks are spaces, and symbols tokens of their own. */
type Spaced<S extends string> = (S extends `${string}${Blank}${string}` ? Unfolded<S> : S) extends infer A extends
	string
	? Separated<A, ["(", ")", ",", "=", "*"]> extends infer B extends string
		? (B extends `${string}${Comparison}${string}` ? Separated<B, ["<", ">", "!", "|"]> : B) extends infer C extends
				string
			? C extends `${string}${RareSymbol}${string}`
				? Separated<C, ["+", "-", "/", "%", "&", "~", ";"]>
				: C
			: null
		: null
	: null;

type Separated<S extends string, Symbols extends string[]> = Symbols extends [
	infer First extends string,
	...infer Others extends string[],
]
	? Replace<S, First, ` ${First} `> extends infer T extends string
		? Separated<T, Others>
		: null
	: S;

type Unfolded<S extends string> =
	Replace<S, "\n", " "> extends infer A extends string
		? Replace<A, "\t", " "> extends infer B extends string
			? Replace<B, "\r", " ">
			: null
		: null;

/** One space where there were several; once does for some forty. */
type Single<S extends string> =
	Replace<S, "        ", " "> extends infer A extends string
		? Replace<A, "    ", " "> extends infer B extends string
			? Replace<B, "  ", " "> extends infer C extends string
				? Replace<C, "  ", " "> extends infer D extends string
					? D extends `${string}  ${string}`
						? Single<D>
						: D extends ` ${infer E}`
							? `${E} `
							: `${D} `
					: null
				: null
			: null
		: null;

/** What stands before the first `Symbol`. */
type Before<S extends string, Symbol extends string> = S extends `${infer A}${Symbol}${string}` ? A : S;

type BeforeOpener<S extends string> = Before<Before<Before<Before<Before<Before<S, "'">, '"'>, "`">, "[">, "--">, "/*">;

/** What is in the quotes that were opened, and what comes behind them; doubled ones are part of it. */
type Closed<S extends string, Quote extends string, Done extends string = ""> = S extends `${infer A}${Quote}${infer B}`
	? B extends `${Quote}${infer C}`
		? Closed<C, Quote, `${Done}${A}${Quote}${Quote}`>
		: [`${Done}${A}`, B]
	: null;

type Quoted<S extends string, Open extends string, Close extends string, Done extends string, Count extends 0[]> =
	Closed<S, Close> extends [infer Inner extends string, infer Rest extends string]
		? Replace<Inner, " ", "\u0001"> extends infer T extends string
			? Tokens<Rest, `${Done}${Open}${T}${Close}`, Count>
			: null
		: null;

/** With quotes and comments; null where one is not closed. */
type Tokens<S extends string, Done extends string = "", Count extends 0[] = []> =
	BeforeOpener<S> extends infer Plain extends string
		? Spaced<Plain> extends infer T extends string
			? S extends Plain
				? `${Done}${T}`
				: Count["length"] extends 200
					? null
					: S extends `${Plain}${infer Rest}`
						? Opened<Rest, `${Done}${T}`, [...Count, 0]>
						: null
			: null
		: null;

type Opened<S extends string, Done extends string, Count extends 0[]> = S extends `'${infer R}`
	? Quoted<R, "'", "'", Done, Count>
	: S extends `"${infer R}`
		? Quoted<R, '"', '"', Done, Count>
		: S extends `\`${infer R}`
			? Quoted<R, "`", "`", Done, Count>
			: S extends `[${infer R}`
				? Quoted<R, "[", "]", Done, Count>
				: S extends `--${string}\n${infer R}` | `/*${string}*/${infer R}`
					? Tokens<R, `${Done} `, Count>
					: S extends `--${string}`
						? Done
						: null;

type Times4<T extends string> = `${T}${T}${T}${T}`;
type Tokens64 = Times4<Times4<Times4<`${string} `>>>;
type Selects = Times4<Times4<`${string}SELECT `>> | Times4<Times4<`${string}select `>>;

/** More than 384 tokens, or sixteen queries, may be too much for the steps that read them. */
type IsLong<S extends string> = S extends `${Tokens64}${infer R}`
	? S extends `${Selects}${string}`
		? true
		: IsLonger<R, [0]>
	: false;

type IsLonger<S extends string, Count extends 0[]> = S extends `${Tokens64}${infer R}`
	? Count["length"] extends 5
		? true
		: IsLonger<R, [...Count, 0]>
	: false;

/** Without the semicolons at the end. */
type Ended<S extends string> = S extends `${infer A}; ` ? Ended<A> : S;

/**
 * Each `?` with its place, and \u0002 behind it to tell it from one that is written with a number; where there are such too, or very
 * many, the places of the others are not counted.
 */
type Placed<S extends string, Done extends string = "", Next extends 0[] = [0]> = S extends `${infer A} ? ${infer B}`
	? Next["length"] extends 200
		? `${Done}${S}`
		: Placed<B, `${Done}${A} ?${Next["length"]}\u0002 `, [...Next, 0]>
	: `${Done}${S}`;

/** The tokens of a text; null where it has so many that the compiler would give up, or quotes that are not closed. */
export type Lexed<S extends string> = (
	S extends `${string}${Opener}${string}`
		? Tokens<S>
		: Spaced<S>
) extends infer T extends string
	? Single<T> extends infer All extends string
		? IsLong<All> extends true
			? null
			: Ended<All extends `${infer Trimmed}  ` ? `${Trimmed} ` : All> extends infer Text extends string
				? Text extends `${string} ? ${string}`
					? Text extends `${string} ?${Digit}${string}`
						? Text
						: Placed<Text>
					: Text
				: null
		: null
	: null;
