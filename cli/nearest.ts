/** The candidate that a mistyped word most likely stands for, or undefined where none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
	let best: string | undefined;
	let bestDistance = Math.min(word.length, Math.max(2, Math.floor(word.length / 3)) + 1);
	for (const candidate of candidates) {
		const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
		if (distance >= bestDistance) continue;
		best = candidate;
		bestDistance = distance;
	}
	return best;
}

/** Levenshtein's distance, one row of the matrix at a time. */
function editDistance(from: string, to: string): number {
	let above = Array.from({ length: to.length + 1 }, (_, i) => i);
	for (let i = 0; i < from.length; i++) {
		const row = [i + 1];
		for (let j = 0; j < to.length; j++) {
			const replace = (above[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
			row.push(Math.min(replace, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
		}
		above = row;
	}
	return above[to.length] ?? 0;
}
