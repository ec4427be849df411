// How a job that builds tables answers with what is to be written of them.

import { EMIT_FLAG } from "../shared/abi";
import { STATUS_EMIT } from "../shared/status";
import { answerResult, scratch } from "../memory/scratch";
import { TableBuilder } from "./builder";

/** So much of a table is written at once. */
export const EMIT_BYTES: u32 = 512 << 10;

// What a job answered with last, which it lets go of at its next step.
export const EMITTED_NOTHING: u32 = 0;
export const EMITTED_PART: u32 = 1;
export const EMITTED_TABLE: u32 = 2;

/** `flag`: EMIT_PART or EMIT_TABLE_END. */
export function emit(builder: TableBuilder, flag: u32): u32 {
	answerResult(builder.output, builder.outputUsed);
	store<u32>(scratch(), flag, EMIT_FLAG);
	return STATUS_EMIT;
}
