import type { Kernel } from "../../kernel/contract.js";
import type { ResolvedOptions } from "../../options.js";
import type { Storage } from "../../storage/storage.js";
import type { JobResult } from "../job-run.js";
import type { LaneName, Task } from "./protocol.js";

/** The tasks of one kind, one at a time. */
export interface TaskLane {
	/** A task was posted and its outcome has not been taken. */
	readonly running: boolean;
	/** The task has been begun and has not ended. */
	readonly begun: boolean;
	/** The task is over and `take` has its outcome. */
	readonly done: boolean;
	/** Throws where nobody is to be had who would do it. */
	post(task: Task): void;
	/** The result of the task that is done; throws what it failed with. */
	take(): JobResult | undefined;
	/** True: the task has not been begun and will not be; the caller does it. */
	takeBack(): boolean;
	/** Blocks until the task is done, or for `milliseconds`. */
	waitSync(milliseconds?: number): void;
}

/** Where tasks are done beside the database's thread. */
export interface TaskLanes {
	readonly lanes: { readonly [Name in LaneName]: TaskLane };
	/** A task is under way, so that the posted ones of earlier lanes will be come to. */
	readonly atWork: boolean;
	/** Set once it is unknown whether what is under way will ever end: nothing more is posted. */
	readonly lost: Error | undefined;
	/** Asks the running jobs to give up; they then end with an error. */
	cancel(): void;
	/** Nothing is running and nothing will be posted. */
	stop(): void;
}

/** Makes the lanes of a database, undefined where its tasks are done on the calling thread. `onDone` is called when a task has ended. */
export type StartBackground = (
	storage: Storage,
	kernel: Kernel,
	options: ResolvedOptions,
	onDone: () => void,
) => TaskLanes | undefined;
