/** Types that SQL has, as TypeScript. */

import type { DescribedColumn, DescribedParameter, DescribedType } from "../../host/index.js";

/** A member of an object type. */
export interface Member {
	readonly name: string;
	readonly type: string;
}

/** What comes out: blobs are Buffers. Where nothing ever does it is null, as a column of `never` is none that a query could name. */
export function rowType({ types, nullable }: DescribedType): string {
	return union([
		types.includes("integer") || types.includes("real") ? "number" : "",
		types.includes("text") ? "string" : "",
		types.includes("blob") ? "Buffer" : "",
		nullable || types.length === 0 ? "null" : "",
	]);
}

/** What goes in. */
export function parameterType({ types, nullable }: DescribedType): string {
	return union([
		types.includes("integer") || types.includes("real") ? "number | bigint" : "",
		types.includes("text") ? "string" : "",
		types.includes("blob") ? "Uint8Array" : "",
		nullable ? "null" : "",
	]);
}

function union(types: readonly string[]): string {
	return types.filter((type) => type !== "").join(" | ") || "never";
}

/** Of several columns of one name, row objects have the last one's value. */
export function rowMembers(columns: readonly DescribedColumn[]): Member[] {
	const members = new Map<string, string>();
	for (const column of columns) members.set(column.name, rowType(column));
	return [...members].map(([name, type]) => ({ name, type }));
}

/** What a statement is to be given: the members of an object, or the type of a list of the values of `?`. */
export function parametersType(parameters: readonly DescribedParameter[]): readonly Member[] | string {
	const positional = parameters.filter(({ name }) => name === null);
	if (positional.length > 0 && positional.length === parameters.length)
		return `readonly [${positional.map(parameterType).join(", ")}]`;
	// Neither an object nor a list has values of both kinds.
	if (positional.length > 0) return "never";
	const members = new Map<string, string>();
	// `:a` and `@a` are two parameters with one value.
	for (const parameter of parameters) {
		const name = parameter.name ?? "";
		const [known, type] = [members.get(name), parameterType(parameter)];
		members.set(name, known === undefined || known === type ? type : `(${known}) & (${type})`);
	}
	return [...members].map(([name, type]) => ({ name, type }));
}

/** As a string, in the quotes of which it has fewer, as formatters have it. */
export function quoted(text: string): string {
	const json = JSON.stringify(text);
	if (text.split('"').length <= text.split("'").length) return json;
	return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** As the key of an object. */
export function keyText(name: string): string {
	return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

/** An object type over several lines, so that a change is a line of a difference. */
export function objectType(members: readonly Member[], indent: string): string {
	if (members.length === 0) return "Record<never, never>";
	const lines = members.map(({ name, type }) => `${indent}\t${keyText(name)}: ${type};\n`);
	return `{\n${lines.join("")}${indent}}`;
}
