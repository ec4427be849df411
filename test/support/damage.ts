import type { Buffer } from "node:buffer";
import { type Part, partEnd, partsOf, reseal } from "./forge.js";
import type { Random } from "./random.js";

const WORDS = [0, 1, 2, 7, 8, 15, 16, 255, 256, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

/** Damages one part of a table, whose checksum is right then; answers what was done. */
export function damageTable(random: Random, table: Buffer, seed: bigint): string {
	const parts = partsOf(table);
	const part = random.once(3) ? random.pick(parts) : (parts[random.below(Math.min(6, parts.length))] as Part);
	const what = mutate(random, table, part);
	reseal(table, part, seed);
	return what;
}

function mutate(random: Random, table: Buffer, part: Part): string {
	const [start, end] = [part.offset, partEnd(part)];
	const what: string[] = [];
	for (let count = random.pick([1, 1, 2, 5]); count > 0; count--) {
		const kind = random.below(6);
		// Headers and trailers are where the lengths are.
		const at = random.once(2)
			? start + random.below(Math.min(64, end - start))
			: random.once(2)
				? end - 1 - random.below(Math.min(16, end - start))
				: start + random.below(end - start);
		what.push(`${kind} at ${at}`);
		if (kind === 0) table[at] = random.below(256);
		else if (kind === 1) table[at] = (table[at] as number) ^ (1 << random.below(8));
		else if (kind === 2) table.set(random.bytes(Math.min(random.below(20), end - at)), at);
		else if (kind === 3) table.fill(random.pick([0, 255]), at, Math.min(end, at + random.below(30)));
		else if (at + 4 <= end) table.writeUInt32LE(random.pick(WORDS), at);
	}
	return `${part.name} ${part.offset}: ${what.join(", ")}`;
}
