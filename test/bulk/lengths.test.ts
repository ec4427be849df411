/* Records of about the length that they may have: the same becomes of them part by part, whatever the parts, and by csv-parser. */

import { Buffer } from "node:buffer";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadParts } from "../../host/bulk/part.js";
import { BulkState } from "../../host/bulk/plan.js";
import { recordsOf } from "../../host/bulk/refused.js";
import { WlsmError } from "../../host/errors.js";
import { type CsvRecord, readRecords } from "../../host/load/records.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { type Case, FILE, planOf, put } from "../support/csv-case.js";
import { newKernel } from "../support/kernel.js";
import { Random } from "../support/random.js";

const test = suite("lengths of records in bulk loads");

/** Of a file of one column. */
interface Found {
	rows: number;
	readonly rejected: string[];
}

const kernel = newKernel("wasm");

function load(one: Case, partBytes: number): Found {
	const storage = new MemoryStorage();
	put(storage, FILE, one.bytes);
	const plan = planOf(one, partBytes);
	const state = new BulkState(plan.parts);
	state.setStart(0, { lines: 0, outside: 0, inside: false, atRecord: true });
	const found: Found = { rows: 0, rejected: [] };
	loadParts(plan, state, storage, kernel, (part) => {
		found.rows += part.rows;
		for (const { line, reason } of recordsOf(part.rejects)) found.rejected.push(`${line} ${reason}`);
	});
	return found;
}

async function read({ bytes, dialect }: Case): Promise<Found> {
	const found: Found = { rows: 0, rejected: [] };
	const record = ({ line, fields, flaw }: CsvRecord) => {
		const reason = flaw?.reason ?? (fields.length === 1 ? undefined : `${fields.length} fields where 1 are expected`);
		if (reason === undefined) found.rows++;
		else found.rejected.push(`${line} ${reason}`);
	};
	const chunks = async function* () {
		yield new Uint8Array(bytes);
	};
	await readRecords({ head: bytes, chunks }, dialect, { record, progress: () => {} }, undefined);
	return found;
}

async function outcomeOf(work: () => Found | Promise<Found>): Promise<unknown> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof WlsmError)) throw error;
		const { code, message, line } = error;
		return { code, message, line };
	}
}

/** A record of so many bytes: a field, in quotes or not, of which some may be misplaced or never closed. */
function recordOf(random: Random, bytes: number): string {
	const filled = (length: number, before = "", after = "") => {
		let text = before;
		while (text.length + after.length < length) {
			const piece = random.pick(["x", "x", "x", "\r", '""', "\n", "\r\n", ","]);
			text += text.length + piece.length + after.length <= length ? piece : "x";
		}
		return text + after;
	};
	if (random.once(3)) return "x".repeat(bytes);
	if (random.once(8)) return filled(bytes);
	if (random.once(10)) return filled(bytes, '"');
	return filled(bytes, '"', random.once(10) ? "\r" : '"');
}

test("records of about the length that they may have", async () => {
	const seen = { fit: 0, tooLong: 0, unclosed: 0 };
	for (let seed = 0; seed < 400; seed++) {
		const random = new Random(seed);
		const limit = random.between(1, 40);
		const dialect = { delimiter: ",", quote: random.once(8) ? "" : '"', maxRecordBytes: limit };
		const lines = Array.from({ length: random.between(1, 6) }, () =>
			recordOf(random, random.once(3) ? limit + random.between(0, 3) - 1 : random.below(limit + 1)),
		);
		const end = random.pick(["\n", "\r\n", "\n", "\r"]);
		const text = lines.join(end) + random.pick(["", end, "\r"]);
		const one: Case = { bytes: Buffer.from(text), dialect, types: [{ kind: "text", isFixed: true }], nulls: [] };
		const right = await outcomeOf(() => read(one));
		const message = JSON.stringify(right);
		seen[message.includes("not closed by then") ? "unclosed" : message.includes("longer than") ? "tooLong" : "fit"]++;
		for (const partBytes of [Math.max(1, text.length), 1, 2, random.between(3, 20), random.between(20, 100)]) {
			const found = await outcomeOf(() => load(one, partBytes));
			assert.equal(found, right, `seed ${seed}: ${JSON.stringify(text)}, up to ${limit}, in parts of ${partBytes}`);
		}
	}
	assert.ok(seen.fit > 50 && seen.tooLong > 50 && seen.unclosed > 20, JSON.stringify(seen));
});

test.run();
