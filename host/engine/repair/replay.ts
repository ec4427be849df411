import type { TableDescription } from "../../kernel/contract.js";
import { guard } from "../failure.js";
import { walName } from "../files.js";
import { LOG_HEADER_BYTES, LogReader } from "../log.js";
import { walIdentity } from "../manifest.js";
import { type TablePlace, TableSink } from "../table-sink.js";
import { SEQUENCE_LIMIT } from "../version-edit.js";
import type { RepairPlan } from "./plan.js";
import { type FoundLog, passHeader } from "./survey.js";

export interface Replayed {
	/** The operations of the logs, older ones first. */
	readonly tables: readonly TableDescription[];
	/** Sequence number of the first operation, infinite where there is none. */
	first: number;
	/** Each record came after the one before. */
	ascending: boolean;
	/** Logs of which anything was recovered. */
	logs: number;
}

/** Reads all sound records that tables do not cover, and says what is missing between them. */
export function replaySound(place: TablePlace, plan: RepairPlan): Replayed {
	const sink = new TableSink(place);
	const replayed = { tables: sink.outputs, first: Number.POSITIVE_INFINITY, ascending: true, logs: 0 };
	try {
		const { state } = plan;
		// Where the manifest does not say how far the tables go, the first record may be any.
		let expected = plan.trusted && state !== undefined ? state.flushedSequence + 1 : undefined;
		reportMissing(place, plan);
		for (const log of plan.logs) {
			const before = replayed.first;
			let recovered = 0;
			let gap = false;
			readRecords(place, plan, log, (record, entries, afterDamage) => {
				const last = record.sequence + entries - 1;
				if (last <= plan.flushedSequence) return;
				gap ||= afterDamage;
				if (expected !== undefined && record.sequence > expected && !gap) {
					const reason = `operations ${expected} to ${record.sequence - 1}, which come before it, are missing`;
					plan.leftOut.push({ file: log.path, reason });
				}
				if (expected !== undefined && record.sequence < expected) replayed.ascending = false;
				gap = false;
				expected = Math.max(expected ?? 0, last + 1);
				replayed.first = Math.min(replayed.first, record.sequence);
				sink.addRecord(record, entries);
				recovered += 1;
			});
			if (recovered > 0 || before !== replayed.first) replayed.logs += 1;
			// What a damaged log lost at its end is told already.
			if (plan.lost.has(log.name)) expected = undefined;
		}
		sink.finish();
		return replayed;
	} finally {
		sink.free();
	}
}

/** Logs that the manifest names and that are not there. */
function reportMissing(place: TablePlace, plan: RepairPlan): void {
	const { state } = plan;
	if (state === undefined || !plan.trusted) return;
	const { firstLog, closedLog } = state;
	const present = new Set(plan.logs.map(({ number }) => number));
	const wanted = new Set([
		firstLog,
		...(closedLog !== undefined && closedLog.number >= firstLog ? [closedLog.number] : []),
	]);
	for (const number of wanted) {
		// One that was closed empty held nothing.
		const empty = closedLog?.number === number && closedLog.bytes <= LOG_HEADER_BYTES;
		if (number === 0 || present.has(number) || empty) continue;
		plan.leftOut.push({ file: place.storage.join(place.directory, walName(number)), reason: "is missing" });
	}
}

type SoundRecord = NonNullable<ReturnType<LogReader["next"]>>;

/** Hands on each sound record with the number of its operations; damage is told in the plan. */
function readRecords(
	place: TablePlace,
	plan: RepairPlan,
	log: FoundLog,
	take: (record: SoundRecord, entries: number, afterDamage: boolean) => void,
): void {
	const { storage, kernel } = place;
	const leave = (reason: string) => {
		plan.leftOut.push({ file: log.path, reason });
		plan.lost.add(log.name);
	};
	const identity = walIdentity(kernel, plan.databaseId, log.number);
	const reader = guard("open", log.path, () => new LogReader(storage.openRead(log.path), kernel, identity));
	try {
		let damaged = false;
		/** Up to where it was told what is not sound. */
		let toldEnd = 0;
		const skipped = (from: number, to: number) => {
			damaged = true;
			toldEnd = to;
			const end = to === reader.size ? "at its end, perhaps of a write that was interrupted," : "";
			leave(`bytes ${from} to ${to} ${end} are not sound records`.replaceAll("  ", " "));
		};
		if (!guard("read", log.path, () => passHeader(reader))) damaged = true;
		let sound = reader.offset;
		for (;;) {
			const record = guard("read", log.path, () => reader.nextSound(skipped));
			if (record === undefined) break;
			sound = reader.offset;
			const entries = record.buffer.batchCount(record.at);
			if (entries < 0 || record.sequence + entries > SEQUENCE_LIMIT) {
				leave(`the operations of the record at ${record.offset} are malformed`);
				damaged = true;
				continue;
			}
			take(record, entries, damaged);
			damaged = false;
		}
		const closed = plan.trusted ? plan.state?.closedLog : undefined;
		if (closed?.number !== log.number || sound >= closed.bytes) return;
		if (reader.size < closed.bytes) {
			leave(`it ends at ${reader.size}; it had ${closed.bytes} bytes when the database was closed`);
		} else if (toldEnd < closed.bytes) {
			// What looks like room for more records held some.
			leave(`bytes ${sound} to ${closed.bytes} are zeros; there were records when the database was closed`);
		}
	} finally {
		reader.close();
	}
}
