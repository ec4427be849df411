import { Buffer } from "node:buffer";
import { RECORD_HEADER_BYTES } from "../../../assembly/shared/format.js";
import { decodeEdit, encodeEdit, type VersionEdit } from "../../../host/engine/version-edit.js";
import { DATABASE_ID } from "../../format/sample.js";
import { xxh64 } from "../../format/xxh64.js";
import { damageLog, damageTable } from "../../support/damage.js";
import { fileSeed, manifestSeed, recordsOf, resealRecord } from "../../support/forge.js";
import { withFile } from "../../support/image.js";
import type { Random } from "../../support/random.js";
import type { Damage } from "./damages.js";
import type { Subject } from "./subjects.js";

/** Damage whose checksums are right: it reaches the decoders, and what it says counts as data. */
export function forgery(random: Random, subject: Subject): Damage {
	const kind = random.below(10);
	const names = [...subject.image.keys()];
	const manifest = names.find((name) => name.startsWith("MANIFEST"));
	if (kind === 0 || manifest === undefined) return forgedCurrent(random, subject);
	if (kind < 3) return forgedEdits(random, subject, manifest);
	const name = random.pick(names.filter((other) => /\.(sst|wal)$|^MANIFEST/.test(other)));
	const bytes = Buffer.from(subject.image.get(name) as Uint8Array);
	const number = Number(/\d+/.exec(name)?.[0]);
	const seed = name === manifest ? manifestSeed(number) : fileSeed(DATABASE_ID, number);
	const what: string[] = [];
	for (let count = random.pick([1, 1, 1, 2, 3]); count > 0; count--) {
		// A second change of a table finds its blocks by the index that the first may have changed.
		if (name.endsWith(".sst")) {
			what.push(damageTable(random, bytes, seed));
			break;
		}
		what.push(damageLog(random, bytes, seed));
	}
	const image = withFile(subject.image, name, bytes);
	return {
		kind: `forged ${name.replace(/[-.]?\d+[-.]?/, "")}`,
		what: `${name} ${what.join(", ")}`,
		files: [name],
		image,
	};
}

const NAMES = [
	"",
	"MANIFEST-000000",
	"MANIFEST-000002",
	"MANIFEST-1",
	"MANIFEST-4294967295",
	"MANIFEST-9999999999",
	"../MANIFEST-000001",
	"CURRENT",
	"LOCK",
	"000005.sst",
	"MANIFEST-000001\0",
	"\u00e9".repeat(300),
];

function forgedCurrent(random: Random, { image }: Subject): Damage {
	const name = random.pick([...NAMES, ...image.keys()]);
	const hash = xxh64(Buffer.from(name), 0n).toString(16).padStart(16, "0");
	const ending = random.pick(["\n", "\n", "", "\n\n", " \n"]);
	const bytes = Buffer.from(`${name} ${random.once(8) ? hash.toUpperCase() : hash}${ending}`);
	const what = `CURRENT says ${JSON.stringify(bytes.toString())}`;
	return { kind: "forged CURRENT", what, files: ["CURRENT"], image: withFile(image, "CURRENT", bytes) };
}

const NUMBERS = [
	0,
	1,
	2,
	3,
	5,
	7,
	40,
	1000,
	0xffff,
	2 ** 31,
	2 ** 32 - 2,
	2 ** 32 - 1,
	2 ** 40,
	Number.MAX_SAFE_INTEGER,
];

/** A manifest whose edits say other things, field by field, or come in another order. */
function forgedEdits(random: Random, subject: Subject, name: string): Damage {
	const bytes = subject.image.get(name) as Uint8Array;
	let edits = recordsOf(bytes).map(({ offset, payloadLength }) => {
		const at = offset + RECORD_HEADER_BYTES;
		return decodeEdit(Buffer.from(bytes.subarray(at, at + payloadLength)));
	});
	const what: string[] = [];
	for (let count = random.pick([1, 1, 2]); count > 0; count--) {
		const index = random.below(edits.length);
		const edit = edits[index];
		if (edit === undefined) break;
		const how = random.below(6);
		what.push(`${how} in edit ${index}`);
		if (how === 0) edits = edits.toSpliced(index, 1);
		else if (how === 1) edits = edits.toSpliced(random.below(edits.length), 0, edit);
		else edits = edits.with(index, changedEdit(random, edit));
	}
	const seed = manifestSeed(Number(/\d+/.exec(name)?.[0]));
	const records = edits.map((edit, sequence) => {
		const payload = encodeEdit(edit);
		const record = Buffer.alloc(RECORD_HEADER_BYTES + 8 * Math.ceil(payload.length / 8));
		record.writeUInt32LE(payload.length, 4);
		record.writeBigUInt64LE(BigInt(sequence), 16);
		record.set(payload, RECORD_HEADER_BYTES);
		resealRecord(record, { offset: 0, length: record.length }, seed);
		return record;
	});
	const image = withFile(subject.image, name, Buffer.concat([bytes.subarray(0, 40), ...records]));
	return { kind: "forged edits", what: `${name}: ${what.join(", ")}`, files: [name], image };
}

function changedEdit(random: Random, edit: VersionEdit): VersionEdit {
	const number = () => random.pick(NUMBERS);
	const small = () => number() % 2 ** 32;
	const field = random.below(8);
	if (field === 0) return { ...edit, nextFile: number() };
	if (field === 1) return { ...edit, firstLog: number() };
	if (field === 2) return { ...edit, flushedSequence: number() };
	if (field === 3) return { ...edit, closedLog: { number: small(), bytes: number() } };
	if (field === 4) return { ...edit, removed: [...(edit.removed ?? []), { level: random.below(8), file: small() }] };
	if (field === 5) return { ...edit, databaseId: random.bytes(8) };
	const added = edit.added ?? [];
	const chosen = added[0];
	if (chosen === undefined) return { ...edit, nextFile: number() };
	const { table } = chosen;
	const bound = () =>
		random.pick([
			table.smallest,
			table.largest,
			new Uint8Array(0),
			random.bytes(random.below(20)),
			new Uint8Array(66_000),
		]);
	const names = [
		"size",
		"tailLength",
		"entries",
		"deletions",
		"minSequence",
		"maxSequence",
		"firstExpiry",
		"rangeDeletions",
		"file",
	] as const;
	const name = random.pick([...names, "smallest", "largest", "level"] as const);
	if (name === "level") return { ...edit, added: [{ ...chosen, level: random.below(8) }, ...added.slice(1)] };
	const said =
		name === "smallest" || name === "largest" ? bound() : name === "file" || name === "tailLength" ? small() : number();
	return { ...edit, added: [{ ...chosen, table: { ...table, [name]: said } }, ...added.slice(1)] };
}
