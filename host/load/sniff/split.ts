import type { Place } from "./places.js";

/** How a text is tried to be read. */
export interface Cut {
	readonly delimiter: string;
	/** "" for none. */
	readonly quote: string;
	readonly newline: "\n" | "\r";
}

export interface SampleRecord {
	readonly fields: readonly string[];
	/** For each field whether it stood in quotes. */
	readonly quoted: readonly boolean[];
	readonly isFlawed: boolean;
}

/** The records of a place, without blank lines and those that are cut by its edges. */
export function recordsOf(place: Place, cut: Cut): readonly SampleRecord[] {
	if (place.isStart) return split(place, cut, "outside");
	// Whether the cut is inside quotes nobody knows: the way that makes fewer flaws is the right one.
	const outside = split(place, cut, "outside");
	if (cut.quote === "" || !place.text.includes(cut.quote)) return outside;
	const inside = split(place, cut, "inside");
	return share(inside) < share(outside) ? inside : outside;
}

/** Of flawed records; without any record there is nothing to say for it. */
function share(records: readonly SampleRecord[]): number {
	return records.length === 0 ? 1 : records.filter(({ isFlawed }) => isFlawed).length / records.length;
}

function split({ text, isStart, isEnd }: Place, cut: Cut, from: "outside" | "inside"): SampleRecord[] {
	const records: SampleRecord[] = [];
	let at = from === "inside" ? text.indexOf(cut.quote) + 1 : 0;
	let isFirst = !isStart;
	while (at < text.length) {
		const record = recordAt(text, at, cut);
		at = record.end;
		if (!record.isComplete && !isEnd) break;
		// It has been begun before the place.
		if (isFirst) isFirst = false;
		else if (record.fields.length > 1 || record.fields[0] !== "" || record.quoted[0]) records.push(record);
	}
	return records;
}

function recordAt(text: string, start: number, { delimiter, quote, newline }: Cut) {
	const fields: string[] = [];
	const quoted: boolean[] = [];
	let isFlawed = false;
	for (let at = start; ; ) {
		let isQuoted = false;
		let field: string;
		if (quote !== "" && text[at] === quote) {
			isQuoted = true;
			const end = closingQuote(text, at + 1, quote);
			if (end === -1) {
				quoted.push(true);
				fields.push(text.slice(at + 1));
				return { fields, quoted, isFlawed: true, end: text.length, isComplete: false };
			}
			field = text.slice(at + 1, end).replaceAll(quote + quote, quote);
			at = end + 1;
		} else field = "";
		const from = at;
		while (at < text.length && text[at] !== delimiter && text[at] !== newline) at++;
		const isLast = at >= text.length || text[at] === newline;
		let rest = text.slice(from, at);
		if (isLast && newline === "\n" && rest.endsWith("\r")) rest = rest.slice(0, -1);
		if (quote !== "" && (isQuoted ? rest !== "" : rest.includes(quote))) isFlawed = true;
		fields.push(field + rest);
		quoted.push(isQuoted);
		at++;
		if (isLast) return { fields, quoted, isFlawed, end: at, isComplete: at <= text.length };
	}
}

function closingQuote(text: string, from: number, quote: string): number {
	for (let at = text.indexOf(quote, from); at !== -1; at = text.indexOf(quote, at + 2)) {
		if (text[at + 1] !== quote) return at;
	}
	return -1;
}
