/** Queries in sources: literals that are given to methods of the library, and its `sql` templates. */

import { lex } from "./lexer.js";
import { isLiteral, joined, literalText, type PlacedText, templatePart } from "./literal.js";
import { closesTemplate, isPunctuation, isWord, opensTemplate, type Token } from "./token.js";

/** Whose first argument is a statement. */
const METHODS = ["query", "queryOne", "execute", "prepare"] as const;
type Method = (typeof METHODS)[number];

export interface FoundQuery extends PlacedText {
	/** What it is given to; `sql` for a template. */
	readonly to: Method | "sql";
	/** One literal, whose text is the type that the compiler has of it. */
	readonly isLiteral: boolean;
	/** Where substitutions of a template stand in the text, as `?`: they may be fragments of SQL. */
	readonly substitutions: readonly number[];
}

export interface FoundFunction {
	readonly name: string;
	readonly kind: "function" | "aggregate";
}

/** What a source has of queries, and of what matters to these. */
export interface SourceQueries {
	readonly queries: readonly FoundQuery[];
	/** Functions that it defines for SQL. */
	readonly functions: readonly FoundFunction[];
	/** Tables that it declares to the compiler itself. */
	readonly declaredTables: readonly string[];
	readonly importsKysely: boolean;
}

/** With what a statement begins. */
const STATEMENT =
	/^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:select|with|values|insert|replace|update|delete|create|alter|drop|pragma|explain|begin|commit|end|rollback|savepoint|release|analyze|reindex|vacuum)\b/i;

/** Type arguments longer than that are a comparison. */
const MAX_TYPE_TOKENS = 500;

class Finder {
	readonly #source: string;
	readonly #tokens: readonly Token[];
	readonly #ignores: readonly number[];

	constructor(source: string, isJsx: boolean) {
		this.#source = source;
		const { tokens, ignores } = lex(source, isJsx ? "jsx" : "plain");
		this.#tokens = tokens;
		this.#ignores = ignores;
	}

	run(): SourceQueries {
		const tags = this.#tags();
		const queries: FoundQuery[] = [];
		const functions: FoundFunction[] = [];
		const declaredTables: string[] = [];
		let importsKysely = false;
		for (const [at, token] of this.#tokens.entries()) {
			if (token.kind === "word") {
				const query = tags.has(token.text) ? this.#tagged(at) : this.#called(at);
				if (query !== undefined && !this.#isIgnored(token.start)) queries.push(query);
				const defined = this.#defined(at);
				if (defined !== undefined) functions.push(defined);
				if (token.text === "DeclaredTables" && isWord(this.#tokens[at - 1], "interface"))
					declaredTables.push(...this.#members(at + 1));
			}
			if (token.kind === "string" && this.#isImported(at)) importsKysely ||= /^kysely(\/|$)/.test(this.#valueOf(token));
		}
		return { queries, functions, declaredTables, importsKysely };
	}

	#valueOf(token: Token): string {
		return literalText(this.#source, token).text;
	}

	/** By a comment on the same line or on the one before. */
	#isIgnored(start: number): boolean {
		return this.#ignores.some((end) => {
			const [from, to] = end <= start ? [end, start] : [start, end];
			return (this.#source.slice(from, to).match(/\n/g)?.length ?? 0) <= (end <= start ? 1 : 0);
		});
	}

	/** Behind `from` or `import`, or in the brackets of `import` or `require`. */
	#isImported(at: number): boolean {
		const [before, first] = [this.#tokens[at - 1], this.#tokens[at - 2]];
		if (isWord(before, "from") || isWord(before, "import")) return true;
		return isPunctuation(before, "(") && (isWord(first, "import") || isWord(first, "require"));
	}

	/** Where the names end that are given to what is imported: before `from`, or before `= await import(`. */
	#behindNames(at: number): number {
		if (!isPunctuation(this.#tokens[at - 1], "(")) return at - 2;
		return at - (isWord(this.#tokens[at - 3], "await") ? 5 : 4);
	}

	/** What the source calls the library's `sql`: the names that it is imported under. */
	#tags(): Set<string> {
		const tags = new Set<string>();
		for (const [at, token] of this.#tokens.entries()) {
			if (token.kind !== "string" || !this.#isImported(at) || this.#valueOf(token) !== "wlsm") continue;
			const end = this.#behindNames(at);
			if (!isPunctuation(this.#tokens[end], "}")) continue;
			let start = end;
			while (start >= 0 && !isPunctuation(this.#tokens[start], "{")) start--;
			for (let i = start + 1; i < end; i++) {
				if (!isWord(this.#tokens[i], "sql") || isWord(this.#tokens[i - 1], "as")) continue;
				const isRenamed = isWord(this.#tokens[i + 1], "as") || isPunctuation(this.#tokens[i + 1], ":");
				tags.add((isRenamed ? this.#tokens[i + 2]?.text : undefined) ?? "sql");
			}
		}
		return tags;
	}

	/** The index behind type arguments that begin here, the same where there are none; -1 for what are none. */
	#behindTypes(at: number): number {
		if (!isPunctuation(this.#tokens[at], "<")) return at;
		let depth = 0;
		for (let i = at; i < Math.min(this.#tokens.length, at + MAX_TYPE_TOKENS); i++) {
			if (isPunctuation(this.#tokens[i], "<")) depth++;
			else if (isPunctuation(this.#tokens[i], ">") && --depth === 0) return i + 1;
		}
		return -1;
	}

	/** The index of the first argument of `.name(`, where the word at this index is that name. */
	#argument(at: number): number | undefined {
		const before = this.#tokens[at - 1];
		if (!isPunctuation(before, ".") && !isPunctuation(before, "?.")) return undefined;
		let next = this.#behindTypes(at + 1);
		if (isPunctuation(this.#tokens[next], "?.")) next = this.#behindTypes(next + 1);
		return isPunctuation(this.#tokens[next], "(") ? next + 1 : undefined;
	}

	#called(at: number): FoundQuery | undefined {
		const to = METHODS.find((method) => method === this.#tokens[at]?.text);
		const argument = to === undefined ? undefined : this.#argument(at);
		if (to === undefined || argument === undefined) return undefined;
		const parts: PlacedText[] = [];
		let next = argument;
		for (;;) {
			const token = this.#tokens[next];
			if (!isLiteral(token)) return undefined;
			parts.push(literalText(this.#source, token));
			next++;
			if (!isPunctuation(this.#tokens[next], "+")) break;
			next++;
		}
		const end = this.#tokens[next];
		const isWhole = end === undefined || /^[,)]$/.test(end.text) || /^(?:as|satisfies)$/.test(end.text);
		const text = joined(parts);
		// Others have methods of these names, too.
		if (!isWhole || !(this.#isOfSql(at) || STATEMENT.test(text.text))) return undefined;
		return { ...text, to, isLiteral: parts.length === 1, substitutions: [] };
	}

	/** `db.sql.query`, `sql?.query`, `sql!.query`. */
	#isOfSql(at: number): boolean {
		const before = this.#tokens[at - 2];
		return isWord(before, "sql") || (isPunctuation(before, "!") && isWord(this.#tokens[at - 3], "sql"));
	}

	#tagged(at: number): FoundQuery | undefined {
		const before = this.#tokens[at - 1];
		if (isPunctuation(before, ".") || isPunctuation(before, "?.")) return undefined;
		let next = this.#behindTypes(at + 1);
		if (!opensTemplate(this.#tokens[next])) return undefined;
		const parts: PlacedText[] = [];
		const substitutions: number[] = [];
		let length = 0;
		for (let depth = 1; depth > 0; next++) {
			const token = this.#tokens[next];
			if (token === undefined) return undefined;
			if (token.kind !== "chunk") continue;
			const isOwn = depth === 1;
			if (opensTemplate(token) && parts.length > 0) depth++;
			else if (isOwn) {
				const part = templatePart(this.#source, token);
				parts.push(part);
				length += part.text.length;
				if (!closesTemplate(token)) {
					if (this.#isFragment(next + 1)) return undefined;
					substitutions.push(length++);
					parts.push({ text: "?", places: [token.end - 2, token.end] });
				}
			}
			if (closesTemplate(token)) depth--;
		}
		const text = joined(parts);
		// A fragment is for a query that is made elsewhere.
		return STATEMENT.test(text.text) ? { ...text, to: "sql", isLiteral: false, substitutions } : undefined;
	}

	/** A substitution that begins here is SQL, not a value. */
	#isFragment(at: number): boolean {
		const [first, second] = [this.#tokens[at], this.#tokens[at + 1]];
		return (
			isWord(first, "sql") && (isPunctuation(second, ".") || second?.kind === "chunk" || isPunctuation(second, "<"))
		);
	}

	#defined(at: number): FoundFunction | undefined {
		const kind = (["function", "aggregate"] as const).find((name) => isWord(this.#tokens[at], name));
		const argument = kind === undefined ? undefined : this.#argument(at);
		const token = argument === undefined ? undefined : this.#tokens[argument];
		if (kind === undefined || token?.kind !== "string") return undefined;
		return { kind, name: this.#valueOf(token) };
	}

	/** The names of an interface's members. */
	#members(at: number): string[] {
		const names: string[] = [];
		if (!isPunctuation(this.#tokens[at], "{")) return names;
		let depth = 0;
		for (let i = at; i < this.#tokens.length; i++) {
			const token = this.#tokens[i] as Token; // i is within
			if (token.kind === "punctuation" && /^[{([<]$/.test(token.text)) depth++;
			else if (token.kind === "punctuation" && /^[})\]>]$/.test(token.text)) depth--;
			if (depth === 0) break;
			const next = this.#tokens[i + 1];
			const isName = depth === 1 && (isPunctuation(next, ":") || isPunctuation(next, "?"));
			if (isName && token.kind === "word") names.push(token.text);
			if (isName && token.kind === "string") names.push(this.#valueOf(token));
		}
		return names;
	}
}

/** `isJsx`: elements of JSX may stand in it. It never throws, whatever the text is. */
export function findQueries(source: string, isJsx: boolean): SourceQueries {
	return new Finder(source, isJsx).run();
}
