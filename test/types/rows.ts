/** Types of rows, as declarations have them, and whether rows are of these. */

/** Types by column. */
export type Row = ReadonlyMap<string, string>;

const REST = "[x: string]";

/** Of an object type, as declarations have it: one line, or one per property. */
export function rowOf(type: string): Row {
	const properties = type.matchAll(
		/(?<=^|[;{]\s*)(?:readonly )?("(?:[^"\\]|\\.)*"|\[x: string\]|[\w$.]+): (.*?)(?=;?\s*(?:[\n}]|$)|; )/g,
	);
	return new Map(
		[...properties].map(([, key = "", text = ""]) => [key.startsWith('"') ? JSON.parse(key) : key, plain(text)]),
	);
}

/** However the compiler writes and orders it. */
function plain(type: string): string {
	const parts = type.replaceAll("<ArrayBufferLike>", "").replace(/[()]/g, "").split(" | ");
	return parts.sort().join(" | ");
}

/** What is wrong with a row, or nothing. */
export function problem(row: Readonly<Record<string, unknown>>, types: Row): string | undefined {
	for (const [key, value] of Object.entries(row)) {
		const type = types.get(key);
		if (type === undefined && !types.has(REST)) return `has a column ${key}`;
		if (type === undefined || type === "unknown") continue;
		const kind = value === null ? "null" : Buffer.isBuffer(value) ? "Buffer" : typeof value;
		if (!type.split(" | ").includes(kind)) return `has ${JSON.stringify(value)} in ${key}, which is ${type}`;
	}
	for (const key of types.keys()) if (key !== REST && !(key in row)) return `has no column ${key}`;
	return undefined;
}

/** Types of constants that are called c0, c1 and so on, by their numbers. */
export function constantsIn(declarations: string): Map<number, string> {
	const found = declarations.matchAll(/const c(\d+): ([\s\S]*?);\n(?=export|$)/g);
	return new Map([...found].map(([, i, type]) => [Number(i), type ?? ""]));
}
