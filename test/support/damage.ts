import type { Buffer } from "node:buffer";
import { RECORD_HEADER_BYTES } from "../../assembly/shared/format.js";
import { type Part, partEnd, partsOf, recordsOf, reseal, resealHeader, resealRecord } from "./forge.js";
import type { Random } from "./random.js";

const WORDS = [
	0, 1, 2, 7, 8, 15, 16, 255, 256, 0xffff, 0x10000, 0x10001, 0x00ffffff, 0x01ffffff, 0x7fffffff, 0x80000000, 0xfffffff0,
	0xffffffff,
];

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

/** Damages records of a log, the payloads more often than the headers; all checksums are right then. Answers what was done. */
export function damageLog(random: Random, log: Uint8Array, seed: bigint): string {
	const records = recordsOf(log);
	if (records.length === 0 || random.once(12)) return damageHeader(random, log, seed);
	const record = random.pick(records);
	const payload = record.offset + RECORD_HEADER_BYTES;
	const view = new DataView(log.buffer, log.byteOffset, log.length);
	const what: string[] = [];
	for (let count = random.pick([1, 1, 2, 4]); count > 0; count--) {
		// The payload, or the header's sequence number and durable length.
		const header = random.once(6);
		const at = header
			? record.offset + 16 + random.below(16)
			: payload + random.below(Math.max(1, record.payloadLength));
		const end = header ? payload : record.offset + record.length;
		const kind = random.below(4);
		what.push(`${kind} at ${at}`);
		if (at >= end) continue;
		if (kind === 0) log[at] = random.below(256);
		else if (kind === 1) log[at] = (log[at] as number) ^ (1 << random.below(8));
		else if (kind === 2) log.set(random.bytes(Math.min(8, end - at)), at);
		else if (at + 4 <= end) view.setUint32(at, random.pick(WORDS), true);
	}
	resealRecord(log, record, seed);
	return what.join(", ");
}

/** Damages the header of a log file. */
function damageHeader(random: Random, log: Uint8Array, seed: bigint): string {
	const at = random.below(32);
	log[at] = random.once(2) ? random.below(256) : (log[at] as number) ^ (1 << random.below(8));
	resealHeader(log, seed);
	return `header at ${at}`;
}
