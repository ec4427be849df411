/*
 * The request distributions of YCSB (Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", 2010), after its
 * ZipfianGenerator, ScrambledZipfianGenerator and SkewedLatestGenerator; the zipfian one is from Gray et al., "Quickly
 * Generating Billion-Record Synthetic Databases", 1994.
 */

const THETA = 0.99;
const ALPHA = 1 / (1 - THETA);
const ZETA_2 = 1 + 0.5 ** THETA;
/** The scrambled distribution draws from so many items and folds them, so that it does not change as records are added. */
const SCRAMBLED_ITEMS = 1e10;
/** Sum of 1 / i^0.99 for i to 1e10, as YCSB has it. */
const SCRAMBLED_ZETA = 26.46902820178302;

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 1099511628211n;

/** FNV-1a over the 8 bytes of a whole number, made positive as YCSB does. */
export function fnv64(number: number): bigint {
	let rest = BigInt(number);
	let hash = FNV_OFFSET;
	for (let octet = 0; octet < 8; octet++) {
		hash = BigInt.asUintN(64, (hash ^ (rest & 255n)) * FNV_PRIME);
		rest >>= 8n;
	}
	const signed = BigInt.asIntN(64, hash);
	return signed < 0n ? -signed : signed;
}

function draw(items: number, zeta: number, random: () => number): number {
	const eta = (1 - (2 / items) ** (1 - THETA)) / (1 - ZETA_2 / zeta);
	const uniform = random();
	const scaled = uniform * zeta;
	if (scaled < 1) return 0;
	if (scaled < ZETA_2) return 1;
	return Math.floor(items * (eta * uniform - eta + 1) ** ALPHA);
}

/** Popular records lie anywhere among 0 … records-1. */
export function scrambledZipfian(random: () => number): (records: number) => number {
	return (records) => Number(fnv64(draw(SCRAMBLED_ITEMS, SCRAMBLED_ZETA, random)) % BigInt(records));
}

/** The later a record was added the more popular it is. `records` must not fall from call to call. */
export function skewedLatest(random: () => number): (records: number) => number {
	let counted = 0;
	let zeta = 0;
	return (records) => {
		for (; counted < records; counted++) zeta += 1 / (counted + 1) ** THETA;
		return records - 1 - Math.min(records - 1, draw(records, zeta, random));
	};
}
