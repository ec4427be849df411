/** Texts and tables within the columns of a terminal. */

import stringWidth from "string-width";

/** What most texts consist of: one column per character. */
const plain = /^[\x20-\x7e\xa1-\xac\xae-\u02ff]*$/;

export function widthOf(text: string): number {
	return plain.test(text) ? text.length : stringWidth(text);
}

/** The text, where it is too wide its beginning and an ellipsis. */
export function cut(text: string, width: number): string {
	if (widthOf(text) <= width) return text;
	if (plain.test(text)) return `${text.slice(0, width - 1)}…`;
	let begin = "";
	let used = 0;
	for (const { segment } of new Intl.Segmenter().segment(text)) {
		const wide = widthOf(segment);
		if (used + wide > width - 1) break;
		begin += segment;
		used += wide;
	}
	return `${begin}…`;
}

/** A column that would be narrower says nothing. */
const leastWidth = 5;

/**
 * The widths of a table's columns in a terminal: the widest texts give way first, numbers last. Undefined where there are too many
 * columns.
 */
export function fitted(
	widths: readonly number[],
	areNumbers: readonly boolean[],
	terminal = Infinity,
): readonly number[] | undefined {
	const room = terminal - 3 * widths.length - 1;
	if (sum(widths) <= room) return widths;
	const texts = narrowed(
		widths,
		widths.map((_, i) => areNumbers[i] !== true),
		room,
	);
	return (
		texts ??
		narrowed(
			widths,
			widths.map(() => true),
			room,
		)
	);
}

/** The greatest width for those that may give way at which all have room; what is left goes to the first of them. */
function narrowed(widths: readonly number[], mayGive: readonly boolean[], room: number): number[] | undefined {
	const capped = (most: number) => widths.map((width, i) => (mayGive[i] === true ? Math.min(width, most) : width));
	let most = leastWidth;
	if (sum(capped(most)) > room) return undefined;
	while (sum(capped(most + 1)) <= room) most++;
	const fit = capped(most);
	let left = room - sum(fit);
	for (const [i, width] of widths.entries()) {
		if (left === 0) break;
		if (mayGive[i] !== true || width <= most) continue;
		fit[i] = most + 1;
		left--;
	}
	return fit;
}

function sum(widths: readonly number[]): number {
	return widths.reduce((total, width) => total + width, 0);
}
