import type { Kernel } from "../kernel/contract.js";
import type { ResolvedOptions } from "../options.js";
import type { Storage } from "../storage/storage.js";
import type { StartBackground } from "./background/lanes.js";
import type { Events } from "./events.js";
import type { FileCache } from "./file-cache.js";
import type { Lock } from "./lock.js";
import type { LogWriter } from "./log-writer.js";
import type { Manifest } from "./manifest.js";
import type { MemtableReference, Superversion } from "./superversion.js";

/** What `openEngine` puts together. */
export interface EngineParts {
	readonly options: ResolvedOptions;
	readonly events: Events;
	readonly storage: Storage;
	/** Of its tables. */
	readonly files: FileCache;
	readonly directory: string;
	readonly kernel: Kernel;
	readonly manifest: Manifest;
	readonly lock: Lock | undefined;
	readonly log: LogWriter | undefined;
	readonly superversion: Superversion;
	readonly active: MemtableReference;
	readonly lastSequence: number;
	readonly startBackground: StartBackground;
}
