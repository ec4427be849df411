/** What happened to a database that many use at once, noted as it was seen from outside. */

export type Entry = readonly [key: string, value: string];

export type Write =
	| { readonly kind: "put"; readonly key: string; readonly value: string }
	| { readonly kind: "delete"; readonly key: string }
	| { readonly kind: "deleteRange"; readonly gte: string; readonly lt: string };

export type Read =
	| { readonly kind: "get"; readonly key: string; readonly value: string | undefined }
	| {
			readonly kind: "scan";
			readonly gte: string;
			readonly lt: string;
			readonly reverse: boolean;
			readonly limit: number;
			/** Filled while the scan goes on; its place among the steps is that of its opening. */
			readonly entries: Entry[];
	  };

export type Step = Write | Read;

/**
 * How a session ended: its writes were acknowledged, refused with WLSM_CONFLICT or given up; "read": there were none, and what
 * it read is all there is to it.
 */
export type Ending = "committed" | "conflict" | "rolled back" | "read";

/**
 * Reads and writes that belong together: a transaction, a snapshot with its reads, one commit, one read. Moments are numbers of
 * the history's own clock, which every event advances.
 */
export interface Session {
	readonly name: string;
	/** Whether its commit may conflict: that of a transaction may. */
	readonly isolated: boolean;
	/** In the order in which they were asked for. */
	readonly steps: Step[];
	/** What it reads is the state of a moment from `began` to `seen`, the same one for all reads. */
	readonly began: number;
	seen: number;
	/** When its commit was asked for, and answered. */
	asked: number;
	settled: number;
	ending: Ending;
}

/**
 * Commits take effect in the order in which they are asked for: so the library says of commits that wait, and of others there is
 * no choice. That of a transaction is asked for when its function returns.
 */
export class History {
	readonly sessions: Session[] = [];
	#moment = 0;

	now(): number {
		this.#moment += 1;
		return this.#moment;
	}

	begin(name: string, isolated: boolean): Session {
		const began = this.now();
		const session: Session = {
			name: `${name} ${this.sessions.length}`,
			isolated,
			steps: [],
			began,
			seen: began,
			asked: Number.POSITIVE_INFINITY,
			settled: Number.POSITIVE_INFINITY,
			ending: "read",
		};
		this.sessions.push(session);
		return session;
	}
}
