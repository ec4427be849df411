/** Rows that become nothing. There may be millions of them: between threads they are text, with a line of JSON for each. */

/** What is wrong with a row. */
export interface RefusedRow {
	/** The line of the text, from 1, that the record begins on. */
	readonly line: number;
	/** The name of the column, or "" where the record as a whole is at fault. */
	readonly column: string;
	/** What stands there; long ones are cut. */
	readonly value: string;
	/** Why it does not fit, as a sentence. */
	readonly reason: string;
}

/** With the record as it stands in the text, without its line end, and the offset where it begins. */
export interface RefusedRecord extends RefusedRow {
	readonly offset: number;
	readonly record: string;
}

/** So many of them are shown where they are not written to a file. */
export const SHOWN_ROWS = 10;
const SHOWN_CHARACTERS = 1000;

/** A value as it is shown. */
export function shownValue(value: string): string {
	return value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
}

/** As JSON; without the value where that is the record. */
type Line = [line: number, offset: number, column: string, reason: string, record: string, value?: string];

/** A text is bytes once it has so many characters: of millions of lines these take the least memory. */
const TEXT_LENGTH = 1 << 20;

/** Gathers rows as lines. */
export class RefusedLines {
	readonly #texts: Uint8Array[] = [];
	#text = "";

	add({ line, offset, column, value, reason, record }: RefusedRecord): void {
		const fields: Line = [line, offset, column, reason, record];
		if (value !== shownValue(record)) fields.push(value);
		this.#text += `${JSON.stringify(fields)}\n`;
		if (this.#text.length > TEXT_LENGTH) this.#end();
	}

	/** All lines so far, in several texts. */
	texts(): readonly Uint8Array[] {
		this.#end();
		return this.#texts;
	}

	#end(): void {
		this.#texts.push(new TextEncoder().encode(this.#text));
		this.#text = "";
	}
}

/** The rows of such texts. */
export function* recordsOf(texts: readonly Uint8Array[]): Generator<RefusedRecord> {
	for (const text of texts) {
		const lines = new TextDecoder().decode(text);
		for (let start = 0; start < lines.length; ) {
			const end = lines.indexOf("\n", start);
			const [line, offset, column, reason, record, value] = JSON.parse(lines.slice(start, end)) as Line;
			yield { line, offset, column, value: value ?? shownValue(record), reason, record };
			start = end + 1;
		}
	}
}
