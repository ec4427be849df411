import { WlsmError } from "../errors.js";
import type { FileHold } from "../storage/file-hold.js";
import { type ProcessEnvironment, systemEnvironment, UNKNOWN_NAMESPACE } from "../storage/process.js";
import type { Storage } from "../storage/storage.js";
import { adviceOn, tooManyOpenFiles } from "./failure.js";
import { formatOwner, isGone, type LockOwner, type LockPlace, parseOwner } from "./lock-owner.js";

/**
 * One writer process per database directory.
 *
 * Whoever holds the file `LOCK` owns the database; the file says who that is. It comes into being whole: its content is
 * written and synced under a name of the contender's own (`LOCK.<token>.new`) and then linked to `LOCK`, which fails where
 * the name is taken. Only where the file system has no links is it created under its final name and then written.
 *
 * A lock whose owner is provably gone (`isGone`) is taken over. Several processes may notice at the same time, so a
 * contender first claims the right to: it links its file to `LOCK.<token of the gone owner>`, which only one can. While
 * it holds the claim nobody else replaces that lock; it reads the lock again, to be sure that it is still the gone
 * owner's, and renames the claim over it, which replaces the lock and gives up the claim in one step. A claim is a lock
 * itself: one whose owner is gone is taken over by the same rules.
 *
 * A lock file that is empty or damaged proves nothing about its owner, so it keeps the database locked until somebody
 * deletes it. It can come only from damage, or from a crash within the few microseconds of the way without links.
 */
export interface Lock {
	/** Gives the database up. A lock that somebody else has come to hold meanwhile is left alone; repeating is harmless. */
	release(): void;
	/** The process that is gone and held it before. */
	readonly takenFrom: LockOwner | undefined;
}

const lockName = "LOCK";
/** Each further attempt means that another process released or took the lock between two of our calls. */
const attemptLimit = 100;
/** Claims on claims on …: each level is one more process that died within the same takeover. */
const depthLimit = 16;

/** True for the files of this protocol, `LOCK` itself included: nothing that anybody else should touch. */
export function isLockFile(name: string): boolean {
	return name === lockName || name.startsWith(`${lockName}.`);
}

/** Locks an existing directory. `WLSM_LOCKED` where a process that may be alive holds it, this very process included. */
export function acquireLock(storage: Storage, directory: string, environment?: ProcessEnvironment): Lock {
	const file = storage.join(directory, lockName);
	const guard = <T>(verb: "lock" | "unlock", work: () => T) => guarded(`${verb} the database ${directory}`, file, work);
	// A runtime may refuse to tell of its environment.
	const acquisition = guard("lock", () => new Acquisition(storage, directory, environment ?? systemEnvironment()));
	guard("lock", () => acquisition.run());
	const { takenFrom } = acquisition;
	return { takenFrom, release: () => guard("unlock", () => acquisition.release()) };
}

class Acquisition {
	readonly #storage: Storage;
	readonly #directory: string;
	readonly #environment: ProcessEnvironment;
	readonly #place: LockPlace;
	readonly #token = crypto.randomUUID();
	readonly #owner: LockOwner;
	/** Of the file that is, or is to become, the lock. */
	#hold: FileHold | undefined;
	takenFrom: LockOwner | undefined;

	constructor(storage: Storage, directory: string, environment: ProcessEnvironment) {
		this.#storage = storage;
		this.#directory = directory;
		this.#environment = environment;
		this.#place = environment.identify(directory);
		const { pid, startTime, bootId, pidNamespace, hostname } = environment;
		const { path, inode } = this.#place;
		const token = this.#token;
		this.#owner = { pid, startTime, bootId, pidNamespace, hostname, token, directory: path, inode };
	}

	run(): void {
		const draft = `${lockName}.${this.#token}.new`;
		try {
			this.#write(draft);
			this.#take(lockName, draft, 0);
		} catch (error) {
			this.#hold?.release();
			try {
				this.#removeIfThere(draft);
			} catch {
				// What was in the way first is what is to be told.
			}
			throw error;
		}
		this.#removeIfThere(draft);
		this.#sweep();
	}

	release(): void {
		if (this.#isOurs()) this.#removeIfThere(lockName);
		this.#hold?.release();
		this.#hold = undefined;
	}

	#isOurs(): boolean {
		try {
			const holder = this.#read(lockName);
			return typeof holder === "object" && holder.token === this.#token;
		} catch (error) {
			// Nobody takes it from a process that lives: where no file can be opened to look, it is ours still.
			if (tooManyOpenFiles(error)) return true;
			throw error;
		}
	}

	/** Makes the lock file `name` ours; throws, and changes nothing, where it belongs to somebody who may be alive. */
	#take(name: string, draft: string, depth: number): void {
		for (let attempt = 0; attempt < attemptLimit && depth < depthLimit; attempt++) {
			if (this.#occupy(name, draft) === "ours") return;
			const holder = this.#read(name);
			if (holder === "absent") continue;
			if (holder === "unreadable") throw this.#unreadable(name);
			if (!this.#isGone(name, holder)) throw this.#locked(name, holder);
			if (this.#replace(name, holder, draft, depth) === "ours") {
				this.takenFrom = holder;
				return;
			}
		}
		const file = this.#path(name);
		const message =
			`Other processes are opening the database ${this.#place.path} at the same moment. Try again. ` +
			`If that goes on and no other process uses it, delete ${file}.`;
		throw new WlsmError("WLSM_LOCKED", message, { file });
	}

	/** Takes a name that nobody has. */
	#occupy(name: string, draft: string): "ours" | "taken" {
		try {
			this.#storage.link(this.#path(draft), this.#path(name));
			return "ours";
		} catch (error) {
			if (codeOf(error) === "EEXIST") return "taken";
			if (codeOf(error) === "ENOENT") {
				// Whoever has the lock swept the draft away before it was whole. Who has it now is to be looked at again.
				this.#write(draft);
				return "taken";
			}
		}
		try {
			this.#write(name);
			return "ours";
		} catch (error) {
			if (codeOf(error) === "EEXIST") return "taken";
			throw error;
		}
	}

	/** Puts our lock file in the place of a gone owner's. "changed": somebody else was faster, look again. */
	#replace(name: string, gone: LockOwner, draft: string, depth: number): "ours" | "changed" {
		const claim = `${lockName}.${gone.token}`;
		try {
			this.#take(claim, draft, depth + 1);
		} catch (error) {
			// Whoever has the claim may have come too late for it: then the lock's owner is the one to name.
			if (this.#isOf(name, gone)) throw error;
			return "changed";
		}
		if (this.#isOf(name, gone)) {
			this.#storage.rename(this.#path(claim), this.#path(name));
			return "ours";
		}
		this.#removeIfThere(claim);
		return "changed";
	}

	#isGone(name: string, owner: LockOwner): boolean {
		const environment = this.#environment;
		return isGone(owner, environment, this.#place, () => environment.isFileHeld?.(this.#path(name)));
	}

	#isOf(name: string, owner: LockOwner): boolean {
		const holder = this.#read(name);
		return typeof holder === "object" && holder.token === owner.token;
	}

	/**
	 * Removes what contenders that were killed have left, also what they had not written to its end. We hold the lock, so no
	 * claim of anybody matters any more, and a draft that somebody is still writing is written again.
	 */
	#sweep(): void {
		for (const name of this.#storage.list(this.#directory)) {
			if (name === lockName || !isLockFile(name)) continue;
			const owner = this.#read(name);
			const left = owner === "unreadable" || (owner !== "absent" && this.#isGone(name, owner));
			if (left) this.#removeIfThere(name);
		}
	}

	#read(name: string): LockOwner | "absent" | "unreadable" {
		try {
			const file = this.#storage.openRead(this.#path(name));
			try {
				// More than a path of the greatest length needs; a longer file is none of ours.
				const bytes = new Uint8Array(64 * 1024);
				const length = file.readSync(bytes, 0, bytes.length, 0);
				return parseOwner(bytes.subarray(0, length)) ?? "unreadable";
			} finally {
				file.close();
			}
		} catch (error) {
			if (codeOf(error) === "ENOENT") return "absent";
			throw error;
		}
	}

	/**
	 * Synced, so that a power cut leaves either no lock or one that can be read and found to be of an earlier boot. Held before
	 * it says so: who reads that it is held by nobody takes it over.
	 */
	#write(name: string): void {
		const path = this.#path(name);
		const file = this.#storage.create(path);
		try {
			this.#hold?.release();
			this.#hold = this.#environment.holdFile?.(path);
			const content = formatOwner(this.#hold === undefined ? this.#owner : { ...this.#owner, held: true });
			file.writeSync(content, 0, content.length);
			file.syncSync();
			file.close();
		} catch (error) {
			file.close();
			this.#removeIfThere(name);
			throw error;
		}
	}

	#removeIfThere(name: string): void {
		try {
			this.#storage.remove(this.#path(name));
		} catch (error) {
			if (codeOf(error) !== "ENOENT") throw error;
		}
	}

	#path(name: string): string {
		return this.#storage.join(this.#directory, name);
	}

	#locked(name: string, holder: LockOwner): WlsmError {
		const { pid, hostname } = holder;
		const file = this.#path(name);
		const isBlind = [holder, this.#environment].some(({ pidNamespace }) => pidNamespace === UNKNOWN_NAMESPACE);
		const isKnown = holder.held === true && this.#environment.isFileHeld?.(file) !== undefined;
		const blind = isBlind && !isKnown ? "Whether it lives is not known: Deno was not allowed to look. " : "";
		const message =
			`The database ${this.#place.path} is in use by the process with pid ${pid} on host ${hostname}. ${blind}` +
			`Close it there or open it readOnly. If that process is certainly gone, delete ${file}.`;
		return new WlsmError("WLSM_LOCKED", message, { file });
	}

	#unreadable(name: string): WlsmError {
		const file = this.#path(name);
		const message =
			`The lock file ${file} is empty or damaged, so it is unknown who holds the database. ` +
			"If no other process uses it, delete that file.";
		return new WlsmError("WLSM_LOCKED", message, { file });
	}
}

function guarded<T>(what: string, file: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		if (error instanceof WlsmError) throw error;
		const reason = error instanceof Error ? error.message : String(error);
		throw new WlsmError("WLSM_IO", `Cannot ${what}: ${reason}${adviceOn(error)}`, { cause: error, file });
	}
}

function codeOf(error: unknown): unknown {
	return error instanceof Error && "code" in error ? error.code : undefined;
}
