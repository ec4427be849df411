import type { Kernel, Result } from "../kernel/contract.js";
import type { Storage, WriteFile } from "../storage/storage.js";
import { LOG_HEADER_BYTES, type LogIdentity, logHeader } from "./log.js";

/** After so many syncs of a few bytes each, room is made ahead for the next ones. */
const SMALL_SYNCS = 8;
const SMALL_BYTES = 8 << 10;
const RESERVE_BYTES = 64 << 10;

/** What recovery found of a log. */
export interface SoundPart {
	/** Where its last sound record ends. */
	readonly length: number;
	/** Of these bytes it is known that they are on stable storage. */
	readonly durableBytes: number;
}

/** Puts what recovery read, which may be in the system's cache alone, on stable storage. */
export function settleRecovered(file: WriteFile, { length, durableBytes }: SoundPart): void {
	if (durableBytes < length) file.rewrite(durableBytes, length);
	file.syncSync();
}

/**
 * Appends records. The first failure of a write or a sync is final: a page that the system failed to write may be gone from
 * its cache while a second sync would succeed, so nothing is retried.
 */
export class LogWriter {
	readonly identity: LogIdentity;
	readonly #file: WriteFile;
	/** Bytes known to be on stable storage, and with them what `#before` and `#entry` stand for. */
	#durableBytes: number;
	/** Syncs that went well. */
	syncs = 0;
	#failure: unknown;
	#syncing: Promise<void> | undefined;
	#closed = false;
	/** Syncs of a few bytes one after the other, and up to where room was made for them. */
	#smallSyncs = 0;
	#reserved = 0;
	#retired = false;
	/** The log before this one, until it is on stable storage or retired: nothing of this one counts without it. */
	#before: LogWriter | undefined;
	/** The directory whose entry of this file is not known to be on stable storage. */
	#entry: { readonly storage: Storage; readonly directory: string } | undefined;

	private constructor(identity: LogIdentity, file: WriteFile, durableBytes: number) {
		this.identity = identity;
		this.#file = file;
		this.#durableBytes = durableBytes;
	}

	/** The file's entry in its directory is left to the caller. */
	static create(storage: Storage, path: string, kernel: Kernel, identity: LogIdentity): LogWriter {
		const file = storage.create(path);
		try {
			file.writeSync(logHeader(kernel, identity), 0, LOG_HEADER_BYTES);
		} catch (error) {
			file.close();
			throw error;
		}
		return new LogWriter(identity, file, 0);
	}

	/** Makes this the log that goes on after `before`: the first sync puts all of that, and this file's entry, on stable storage too. */
	follow(before: LogWriter, storage: Storage, directory: string): void {
		this.#before = before;
		this.#entry = { storage, directory };
	}

	/** Goes on with a log that recovery found sound up to `length`; what lies behind is cut off. */
	static resume(
		storage: Storage,
		path: string,
		kernel: Kernel,
		identity: LogIdentity,
		{ length, durableBytes }: SoundPart,
	): LogWriter {
		const file = storage.openAppend(path);
		try {
			if (length < LOG_HEADER_BYTES) {
				file.truncate(0);
				file.writeSync(logHeader(kernel, identity), 0, LOG_HEADER_BYTES);
			} else if (file.position !== length) {
				file.truncate(length);
			}
			settleRecovered(file, { length: file.position, durableBytes });
		} catch (error) {
			file.close();
			throw error;
		}
		return new LogWriter(identity, file, file.position);
	}

	get path(): string {
		return this.#file.path;
	}

	get bytes(): number {
		return this.#file.position;
	}

	get durableBytes(): number {
		return this.#durableBytes;
	}

	/** A write or a sync has failed. */
	get failed(): boolean {
		return this.#failure !== undefined;
	}

	append(record: Result): void {
		this.#check();
		try {
			this.#file.writeSync(record.bytes, record.at, record.length);
		} catch (error) {
			this.#failure = error;
			throw error;
		}
	}

	/** Notes that somebody else has put the first `bytes` on stable storage. */
	settle(bytes: number): void {
		this.#durableBytes = Math.max(this.#durableBytes, bytes);
	}

	/** What the log holds is in tables, on stable storage: it need not be any more. */
	retire(): void {
		this.#retired = true;
		this.#before = undefined;
		this.close();
	}

	/** Before a sync: a log that is synced for each commit grows in steps. */
	#reserve(): void {
		if (this.identity.kind !== "wal" || this.#closed) return;
		const bytes = this.#file.position;
		this.#smallSyncs = bytes - this.#durableBytes < SMALL_BYTES ? this.#smallSyncs + 1 : 0;
		if (this.#smallSyncs < SMALL_SYNCS || this.#reserved - bytes > SMALL_BYTES) return;
		this.#reserved = bytes + RESERVE_BYTES;
		this.#file.reserve?.(RESERVE_BYTES);
	}

	syncSync(): void {
		this.#check();
		this.#reserve();
		const bytes = this.#file.position;
		const before = this.#previous();
		try {
			before?.syncSync();
			this.#entry?.storage.syncDirectory(this.#entry.directory);
			this.#file.syncSync();
		} catch (error) {
			this.#failure = error;
			throw error;
		}
		this.#synced(bytes);
	}

	#previous(): LogWriter | undefined {
		const before = this.#before;
		return before === undefined || before.#retired ? undefined : before;
	}

	#synced(bytes: number): void {
		this.syncs += 1;
		this.#durableBytes = Math.max(this.#durableBytes, bytes);
		this.#entry = undefined;
		this.#before?.close();
		this.#before = undefined;
	}

	/** Resolves when everything written before the call is on stable storage; callers that wait together share a sync. */
	async sync(): Promise<void> {
		const bytes = this.#file.position;
		while (this.#durableBytes < bytes && !this.#retired) {
			this.#check();
			this.#syncing ??= this.#syncOnce();
			await this.#syncing;
		}
	}

	async #syncOnce(): Promise<void> {
		// Commits that are made in the same breath come along.
		await undefined;
		const bytes = this.#file.position;
		this.#reserve();
		try {
			const before = this.#previous();
			if (before !== undefined) await before.sync();
			if (this.#entry !== undefined) await this.#entry.storage.syncDirectoryLater(this.#entry.directory);
			if (!this.#retired) await this.#file.sync();
			this.#synced(bytes);
		} catch (error) {
			this.#failure ??= error;
			throw error;
		} finally {
			this.#syncing = undefined;
			if (this.#closed) this.#file.close();
		}
	}

	#check(): void {
		if (this.#failure !== undefined) throw this.#failure;
	}

	/** The file is closed once no sync is under way. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		if (this.#syncing === undefined) this.#file.close();
	}
}
