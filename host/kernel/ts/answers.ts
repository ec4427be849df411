import { Buffer } from "node:buffer";
import { EXPIRY_BYTES, KIND_PUT, KIND_PUT_EXPIRING } from "../../../assembly/shared/format.js";
import {
	STATUS_ABSENT,
	STATUS_CORRUPT,
	STATUS_DONE,
	STATUS_EXPIRING,
	STATUS_NEED,
} from "../../../assembly/shared/status.js";
import type { Damage, Need, Result } from "../contract.js";
import { getCount } from "./memory/bytes.js";

const NOTHING = Buffer.alloc(0);

/** What calls answer beside their status; one of each per kernel, good until the next call. */
export class Answers {
	readonly need: Need = { file: 0, offset: 0, length: 0, target: NOTHING, at: 0 };
	readonly result: Result = { bytes: NOTHING, at: 0, length: 0 };
	readonly damage: Damage = { file: 0, offset: 0, reason: 0 };
	/** Of the entry that a get found, 0 where it found none. */
	sequence = 0;
	/** After EXPIRING, in Unix milliseconds. */
	expiry = 0;

	/** Asks for the bytes that `target` has room for. */
	needs(file: number, offset: number, length: number, target: Buffer): typeof STATUS_NEED {
		const { need } = this;
		need.file = file;
		need.offset = offset;
		need.length = length;
		need.target = target;
		need.at = 0;
		return STATUS_NEED;
	}

	corrupt(file: number, offset: number, reason: number): typeof STATUS_CORRUPT {
		const { damage } = this;
		damage.file = file;
		damage.offset = offset;
		damage.reason = reason;
		return STATUS_CORRUPT;
	}

	absent(sequence: number): typeof STATUS_ABSENT {
		this.sequence = sequence;
		return STATUS_ABSENT;
	}

	/** Answers with an entry: its value, or its absence where it is a deletion. */
	found(sequence: number, kind: number, bytes: Buffer, view: DataView, at: number, length: number) {
		this.sequence = sequence;
		const { result } = this;
		result.bytes = bytes;
		if (kind === KIND_PUT) {
			result.at = at;
			result.length = length;
			return STATUS_DONE;
		}
		if (kind !== KIND_PUT_EXPIRING) return STATUS_ABSENT;
		this.expiry = getCount(view, at);
		result.at = at + EXPIRY_BYTES;
		result.length = length - EXPIRY_BYTES;
		return STATUS_EXPIRING;
	}
}
