/** Values as samples show them in comments: JavaScript, with … for what is left out. */

/** What an ellipsis stands for: any number of further elements or properties. */
const rest = Symbol("rest");

const beginsLikeValue = /^(?:["'`{[]|-?\d|(?:true|false|null|undefined|NaN|Uint8Array\.of|Buffer\.from)\b)/;
const errorCode = /^(?:throws )?(WLSM_[A-Z_]+)(?:[;,:. ]|$)/;

export type Expected =
	| { readonly kind: "value"; readonly value: unknown }
	| { readonly kind: "error"; readonly code: string };

/** What a comment says the value is; undefined for prose. Throws for what begins like a text, an object or an array and is none. */
export function expectedBy(comment: string): Expected | undefined {
	const text = comment.trim();
	const [, code] = errorCode.exec(text) ?? [];
	if (code !== undefined) return { kind: "error", code };
	if (!beginsLikeValue.test(text)) return undefined;
	// What stands behind a semicolon is said beside it.
	const ends = [text.length, ...[...text.matchAll(/; /g)].map(({ index }) => index)];
	for (const end of ends) {
		const value = evaluated(text.slice(0, end));
		if (value !== undefined) return { kind: "value", value: value[0] };
	}
	// A number or a word may begin a sentence; what begins as these do is meant to be a value.
	if (/^["'`{[]/.test(text)) throw new Error(`this is no value: ${text}`);
	return undefined;
}

/** In an array, as undefined is a value too. */
function evaluated(text: string): [unknown] | undefined {
	try {
		return [new Function("$rest", `"use strict"; return (${withRest(text)});`)(rest)];
	} catch {
		return undefined;
	}
}

/** Ellipses that are not in texts become a name. */
function withRest(text: string): string {
	return text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|…/g, (token) => (token === "…" ? "$rest" : token));
}

/** Whether the value is what was expected, but for what was left out. */
export function matches(value: unknown, expected: unknown): boolean {
	if (Object.is(value, expected)) return true;
	if (typeof value !== "object" || typeof expected !== "object" || value === null || expected === null) return false;
	if (expected instanceof Uint8Array)
		return value instanceof Uint8Array && matches(Array.from(value), Array.from(expected));
	if (Array.isArray(expected)) return Array.isArray(value) && matchesElements(value, expected);
	if (Array.isArray(value) || ArrayBuffer.isView(value)) return false;
	return matchesProperties(value as Record<string, unknown>, expected as Record<string, unknown>);
}

function matchesElements(values: readonly unknown[], expected: readonly unknown[]): boolean {
	const at = expected.indexOf(rest);
	if (at < 0) return values.length === expected.length && expected.every((one, i) => matches(values[i], one));
	const behind = expected.slice(at + 1);
	const tail = behind.length === 0 ? [] : values.slice(-behind.length);
	return (
		values.length >= expected.length - 1 &&
		expected.slice(0, at).every((one, i) => matches(values[i], one)) &&
		behind.every((one, i) => matches(tail[i], one))
	);
}

function matchesProperties(value: Record<string, unknown>, expected: Record<string, unknown>): boolean {
	const names = Object.keys(expected).filter((name) => expected[name] !== rest);
	const isOpen = names.length < Object.keys(expected).length;
	if (!isOpen && Object.keys(value).length !== names.length) return false;
	return names.every((name) => Object.hasOwn(value, name) && matches(value[name], expected[name]));
}
