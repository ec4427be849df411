import { RecordTooLongError } from "../csv/scanner.js";
import { type PlainError, plainError } from "../engine/background/protocol.js";
import type { JobDescription } from "../engine/job-run.js";
import type { TableDescription } from "../kernel/contract.js";
import { MisfitError, Stopped, TooManyRejectedError } from "./part.js";
import type { BulkPlan, Misfit, PartOutcome } from "./plan.js";

/** What a thread is to do: parts of a load, or to merge what became of them. */
export type BulkTask =
	| { readonly plan: BulkPlan; readonly state: SharedArrayBuffer }
	| { readonly merge: JobDescription; readonly memoryBytes: number };

/** What a thread tells. All but the first kind is its last word. */
export type BulkMessage =
	| { readonly done: PartOutcome }
	| { readonly misfit: Misfit }
	| { readonly tooMany: readonly Uint8Array[] }
	| { readonly merged: readonly TableDescription[] }
	| { readonly error: PlainError }
	/** As `error`, but parts before this one are still to be looked at: they may have such a record too. */
	| { readonly tooLong: PlainError }
	/** There is nothing left to do. */
	| { readonly idle: true };

/** What ended a thread's work, as a message. */
export function endOf(error: unknown): BulkMessage {
	if (error instanceof Stopped) return { idle: true };
	if (error instanceof MisfitError) return { misfit: error.misfit };
	if (error instanceof TooManyRejectedError) return { tooMany: error.rejects };
	if (error instanceof RecordTooLongError) return { tooLong: plainError(error) };
	return { error: plainError(error) };
}
