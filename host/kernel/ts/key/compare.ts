// Keys are ordered by heads first: six bytes are a whole number that a double holds exactly, so that most comparisons are one
// of two numbers.

export const HEAD_BYTES = 6;

/** The first six bytes as a big-endian number, padded with zeros. */
export function headOf(view: DataView, at: number, length: number): number {
	if (length >= HEAD_BYTES) return view.getUint32(at) * 0x10000 + view.getUint16(at + 4);
	return wordOf(view, at, length) * 0x10000 + (length === 5 ? view.getUint8(at + 4) * 0x100 : 0);
}

/** The first four bytes as a big-endian number, padded with zeros; a length may be below zero too. */
export function wordOf(view: DataView, at: number, length: number): number {
	if (length >= 4) return view.getUint32(at);
	if (length <= 0) return 0;
	// What stands behind them is read with them, where there is anything.
	if (at + 4 <= view.byteLength) return (view.getUint32(at) & (-1 << (32 - 8 * length))) >>> 0;
	let word = 0;
	for (let index = 0; index < 4; index++) word = word * 0x100 + (index < length ? view.getUint8(at + index) : 0);
	return word;
}

/** Less than, equal to or greater than zero as `a` sorts before, with or after `b`. */
export function compareBytes(
	a: DataView,
	aAt: number,
	aLength: number,
	b: DataView,
	bAt: number,
	bLength: number,
): number {
	const shorter = Math.min(aLength, bLength);
	const words = shorter & ~3;
	let at = 0;
	for (; at < words; at += 4) {
		const x = a.getUint32(aAt + at);
		const y = b.getUint32(bAt + at);
		if (x !== y) return x < y ? -1 : 1;
	}
	for (; at < shorter; at++) {
		const difference = a.getUint8(aAt + at) - b.getUint8(bAt + at);
		if (difference !== 0) return difference;
	}
	return aLength - bLength;
}

/** How many leading bytes two keys share. */
export function sharedPrefix(
	a: DataView,
	aAt: number,
	aLength: number,
	b: DataView,
	bAt: number,
	bLength: number,
): number {
	const shorter = Math.min(aLength, bLength);
	let at = 0;
	while (at + 4 <= shorter && a.getInt32(aAt + at, true) === b.getInt32(bAt + at, true)) at += 4;
	while (at < shorter && a.getUint8(aAt + at) === b.getUint8(bAt + at)) at += 1;
	return at;
}
