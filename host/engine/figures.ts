import { LEVELS } from "../../assembly/shared/abi.js";
import { OPERATION_HEADER_BYTES } from "../../assembly/shared/format.js";

/** Why commits waited: too many full memtables, or too many tables of level 0. */
export type StallReason = "memtables" | "level0";

/** How often commits waited, for how long together, and for how long at most. */
export interface StallFigures {
	/** How often. */
	count: number;
	/** All waits together. */
	milliseconds: number;
	/** The longest one. */
	longestMilliseconds: number;
}

/** What an operation takes in a batch beside the user's key and value: its header, and the byte of its keyspace. */
const OPERATION_OVERHEAD = OPERATION_HEADER_BYTES + 1;

/** What a database has done since it was opened. Who does the work adds to it. */
export class Figures {
	/** By jobs whose output went to the level. Sizes are those of table files. */
	readonly levels = Array.from({ length: LEVELS }, () => ({ readBytes: 0, writtenBytes: 0 }));
	/** Bytes: keys and values as they are stored. */
	readonly commits = { count: 0, operations: 0, bytes: 0 };
	/** Records of the WAL, and the syncs of logs that are complete. */
	readonly log = { writtenBytes: 0, syncs: 0 };
	readonly stalls: Readonly<Record<StallReason, StallFigures>> = { memtables: noStalls(), level0: noStalls() };
	/** For which jobs ran. */
	readonly milliseconds = { flushes: 0, compactions: 0 };

	committed(operations: number, payloadBytes: number, recordBytes: number): void {
		const { commits, log } = this;
		commits.count += 1;
		commits.operations += operations;
		commits.bytes += payloadBytes - operations * OPERATION_OVERHEAD;
		log.writtenBytes += recordBytes;
	}

	stalled(reason: StallReason, milliseconds: number): void {
		const stalls = this.stalls[reason];
		stalls.count += 1;
		stalls.milliseconds += milliseconds;
		stalls.longestMilliseconds = Math.max(stalls.longestMilliseconds, milliseconds);
	}
}

function noStalls(): StallFigures {
	return { count: 0, milliseconds: 0, longestMilliseconds: 0 };
}
