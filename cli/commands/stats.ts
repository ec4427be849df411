import type { DatabaseStats } from "../../host/index.js";
import { type Command, valueOption } from "../command.js";
import { withKeyValues } from "../database.js";
import { ExitCode } from "../exit-code.js";
import { table } from "../format/table.js";
import { durationText, numberOf, sizeText } from "../format/units.js";

export const stats: Command = {
	usage: "stats",
	summary: "Prints figures about the database",
	positionals: {},
	options: { format: valueOption("text or json") },
	run(args, output) {
		const format = args.oneOf("format", ["text", "json"], "text");
		return withKeyValues(args, "read", async (db) => {
			const figures = await db.stats();
			const text = format === "json" ? `${JSON.stringify(figures, null, 2)}\n` : statsText(figures);
			await output.write(output.display(text));
			return ExitCode.done;
		});
	},
};

/** A table of what is stored where, and one of all other figures. */
export function statsText({ levels, memtables, ...figures }: DatabaseStats): string {
	const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
	const places = [
		[
			"memtables",
			memtables.length,
			sum(memtables.map(({ entries }) => entries)),
			sum(memtables.map(({ bytes }) => bytes)),
			0,
			0,
		] as const,
		...levels.map(
			({ level, files, entries, bytes, readBytes, writtenBytes }) =>
				[`level ${level}`, files, entries, bytes, readBytes, writtenBytes] as const,
		),
	].filter(([, ...values]) => sum(values) > 0);
	const rows = places.map(([place, count, entries, bytes, read, written]) => [
		place,
		numberOf(count),
		numberOf(entries),
		sizeText(bytes),
		sizeText(read),
		sizeText(written),
	]);
	return [
		...table(["place", "tables", "entries", "size", "compactions read", "written"], rows),
		...table(["figure", "value"], leaves(figures, [])),
	].join("");
}

/** A row for each figure: the words of the path to it, and its value in units that its name tells. */
function leaves(value: unknown, path: readonly string[]): [string, string][] {
	if (typeof value === "object" && value !== null) {
		return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
	}
	const words = path.flatMap((name) => name.split(/(?=[A-Z])/)).map((word) => word.toLowerCase());
	return [[words.join(" "), figureText(words.at(-1) ?? "", value)]];
}

function figureText(lastWord: string, value: unknown): string {
	if (value === null) return "-";
	if (typeof value !== "number") return String(value);
	if (lastWord === "bytes") return sizeText(value);
	if (lastWord === "second") return `${sizeText(value)}/s`;
	if (lastWord === "milliseconds") return durationText(value);
	return numberOf(value);
}
