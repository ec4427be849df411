import { type Channel, channel } from "node:diagnostics_channel";
import type { Logger, LogLevel } from "../options.js";

/** What is told of a database: the channels `wlsm:open`, `wlsm:flush` and so on, and how a logger words them. */
const EVENTS = {
	open: { level: "info", message: "the database is open" },
	close: { level: "info", message: "the database is closed" },
	lock: { level: "warn", message: "took over the lock of a process that is gone" },
	recovery: { level: "info", message: "recovered operations from logs" },
	torn: { level: "warn", message: "recovered operations from logs, the last of which ended in an unfinished write" },
	cleanup: { level: "debug", message: "removed files that nothing needs any more" },
	flush: { level: "debug", message: "wrote memtables to a table" },
	compaction: { level: "debug", message: "merged tables" },
	stall: { level: "warn", message: "a commit had to wait for the background" },
	error: { level: "error", message: "something failed" },
} as const satisfies Record<string, { readonly level: LogLevel; readonly message: string }>;

type EventName = keyof typeof EVENTS;

const CHANNELS: Readonly<Record<EventName, Channel>> = {
	open: channel("wlsm:open"),
	close: channel("wlsm:close"),
	lock: channel("wlsm:lock"),
	recovery: channel("wlsm:recovery"),
	torn: channel("wlsm:recovery"),
	cleanup: channel("wlsm:cleanup"),
	flush: channel("wlsm:flush"),
	compaction: channel("wlsm:compaction"),
	stall: channel("wlsm:stall"),
	error: channel("wlsm:error"),
};

/** Tells whoever listens what happens to a database: subscribers of node:diagnostics_channel and the logger of its options. */
export class Events {
	readonly #location: string;
	readonly #logger: Logger | undefined;
	/** A failure passes several places on its way to the caller, and is told once. */
	#lastError: unknown;

	constructor(location: string, logger: Logger | undefined) {
		this.#location = location;
		this.#logger = logger;
	}

	/** `describe` is called only where somebody listens. */
	tell(name: EventName, describe: () => Readonly<Record<string, unknown>>): void {
		const { level, message } = EVENTS[name];
		const to = CHANNELS[name];
		const log = this.#logFunction(level);
		if (log === undefined && !to.hasSubscribers) return;
		const fields = { location: this.#location, ...describe() };
		if (to.hasSubscribers) to.publish(fields);
		if (log === undefined) return;
		// A logger is the program's: what it throws harms neither the database nor the caller, and is not told to itself.
		const failed = (error: unknown) => {
			if (CHANNELS.error.hasSubscribers) CHANNELS.error.publish({ location: this.#location, source: "logger", error });
		};
		try {
			const answer = log(message, { event: to.name, level, ...fields });
			if (answer instanceof Promise) answer.catch(failed);
		} catch (error) {
			failed(error);
		}
	}

	/** `source`: what failed. */
	error(source: "background" | "writing", error: unknown): void {
		if (error === this.#lastError) return;
		this.#lastError = error;
		this.tell("error", () => ({ source, error }));
	}

	#logFunction(level: LogLevel): ((message: string, fields: Record<string, unknown>) => unknown) | undefined {
		const logger = this.#logger;
		if (logger === undefined) return undefined;
		if (typeof logger === "function") return logger;
		return logger[level] === undefined ? undefined : (message, fields) => logger[level]?.(message, fields);
	}
}
