import { Buffer } from "node:buffer";
import { classify, Seen } from "../../csv/column-type.js";
import { DEFAULT_DIALECT, findNewline } from "../../csv/dialect.js";
import type { Place } from "./places.js";
import type { SniffGiven } from "./sniff.js";
import { type Cut, recordsOf, type SampleRecord } from "./split.js";

export interface SniffedDialect {
	readonly cut: Cut;
	readonly records: readonly SampleRecord[];
}

const DELIMITERS = [",", ";", "\t", "|"];
const QUOTES = ['"', "'"];
/** Of the records that have as many fields as most: with fewer it is chance. */
const LEAST_SHARE = 0.95;

interface Reading extends SniffedDialect {
	/** Fields of most records, and the share of those that have as many. */
	readonly width: number;
	readonly share: number;
	readonly isSound: boolean;
}

/** The delimiter and the quote, where they are not given. What is not sure is the comma, and the double quote. */
export function sniffDialect(places: readonly Place[], given: Pick<SniffGiven, "delimiter" | "quote">): SniffedDialect {
	const quotes = given.quote === undefined ? QUOTES.filter((quote) => quote !== given.delimiter) : [given.quote];
	const delimiters = given.delimiter === undefined ? DELIMITERS : [given.delimiter];
	const readings = (quote: string) =>
		delimiters.filter((delimiter) => delimiter !== quote).map((delimiter) => () => readingOf(places, delimiter, quote));
	const [usual = DEFAULT_DIALECT.quote, other] = quotes;
	const found = firstSound(readings(usual));
	if (other === undefined || found.records.some(({ quoted }) => quoted.includes(true))) return found;
	if (!found.records.some(({ fields }) => fields.some((field) => field.startsWith(other)))) return found;
	const otherwise = firstSound(readings(other));
	const isSure = isQuotedBy(otherwise) || (otherwise.isSound && !found.isSound);
	return isSure && !otherwise.records.some(({ isFlawed }) => isFlawed) ? otherwise : found;
}

/** The comma where it will do; of the others the one that fits most records, and cuts them into most fields. */
function firstSound([first, ...others]: readonly (() => Reading)[]): Reading {
	const usual = (first as () => Reading)(); // there is one
	if (usual.isSound || others.length === 0) return usual;
	const sound = others.map((read) => read()).filter(({ isSound }) => isSound);
	return sound.sort((a, b) => b.share - a.share || b.width - a.width)[0] ?? usual;
}

function readingOf(places: readonly Place[], delimiter: string, quote: string): Reading {
	const head = Buffer.from(places[0]?.text ?? "");
	const cut = { delimiter, quote, newline: findNewline(head, { ...DEFAULT_DIALECT, delimiter, quote }) };
	const records = places.flatMap((place) => recordsOf(place, cut));
	const counts = new Map<number, number>();
	for (const { fields } of records) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
	const [width, count] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
	const share = count / Math.max(records.length, 1);
	const isSound = records.length > 1 && width > 1 && share >= LEAST_SHARE && records[0]?.fields.length === width;
	return { cut, records, width, share, isSound };
}

/** Whether all that is no number and not empty is in quotes, names of columns too. Apostrophes in a text do not look so. */
function isQuotedBy({ records, width }: Reading): boolean {
	const isQuoted = ({ fields, quoted }: SampleRecord) =>
		fields.every((field, i) => quoted[i] || (classify(field) & Seen.text) === 0);
	return (
		width > 1 && records.length > 1 && records.every(isQuoted) && records.some(({ quoted }) => quoted.includes(true))
	);
}
