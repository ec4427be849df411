import { STATUS_CORRUPT, STATUS_DONE, STATUS_EXPIRING, STATUS_NEED } from "../../assembly/shared/status.js";
import type { GetOperation, Kernel, Status } from "../kernel/contract.js";
import { tableCorruption } from "./failure.js";
import type { Superversion } from "./superversion.js";

/** Reads that wait for the disk at the same time keep an operation each; so many are kept for reuse. */
const IDLE_OPERATIONS = 64;

/** Where on the disk a read goes on. */
export interface Place {
	readonly file: number;
	readonly offset: number;
}

/**
 * Point reads of the stored key that stands in `kernel.keyBytes`: one state machine of the kernel's, driven with blocking
 * reads or with waiting ones.
 */
export class PointReads {
	readonly #kernel: Kernel;
	readonly #now: () => number;
	/** The operation that no read waits with. */
	#operation: GetOperation;
	readonly #idle: GetOperation[] = [];

	/** `now`: the time in Unix milliseconds, by which values expire. */
	constructor(kernel: Kernel, now: () => number) {
		this.#kernel = kernel;
		this.#now = now;
		this.#operation = kernel.createGet();
	}

	/** True: the value is in `kernel.result`. */
	findSync(superversion: Superversion, keyLength: number, sequence: number): boolean {
		const operation = this.#operation;
		try {
			let status = operation.start(superversion.handle, keyLength, sequence);
			while (status === STATUS_NEED) {
				superversion.table(this.#kernel.need.file).readSync(this.#kernel.need);
				status = operation.resume();
			}
			return this.#found(superversion, status);
		} catch (error) {
			operation.reset();
			throw error;
		}
	}

	/** As findSync of what is in memory; otherwise the place of the bytes that it wants, which is good until the next call. */
	peek(superversion: Superversion, keyLength: number, sequence: number): boolean | Place {
		const operation = this.#operation;
		try {
			const status = operation.start(superversion.handle, keyLength, sequence);
			if (status !== STATUS_NEED) return this.#found(superversion, status);
			operation.reset();
			return this.#kernel.need;
		} catch (error) {
			operation.reset();
			throw error;
		}
	}

	/** The answer itself where all of it was in memory, a promise where the disk has to be waited for. */
	find<Answer>(
		superversion: Superversion,
		keyLength: number,
		sequence: number,
		take: () => Answer,
	): Answer | undefined | Promise<Answer | undefined> {
		const operation = this.#operation;
		try {
			const status = operation.start(superversion.handle, keyLength, sequence);
			if (status !== STATUS_NEED) return this.#found(superversion, status) ? take() : undefined;
			operation.detach();
			this.#operation = this.#idle.pop() ?? this.#kernel.createGet();
		} catch (error) {
			operation.reset();
			throw error;
		}
		return this.#wait(superversion.retain(), operation, take);
	}

	async #wait<Answer>(
		superversion: Superversion,
		operation: GetOperation,
		take: () => Answer,
	): Promise<Answer | undefined> {
		try {
			let status: Status = STATUS_NEED;
			while (status === STATUS_NEED) {
				await superversion.table(this.#kernel.need.file).read(this.#kernel.need);
				status = operation.resume();
			}
			return this.#found(superversion, status) ? take() : undefined;
		} finally {
			operation.reset();
			if (this.#idle.length < IDLE_OPERATIONS) this.#idle.push(operation);
			else operation.free();
			superversion.release();
		}
	}

	#found(superversion: Superversion, status: Status): boolean {
		if (status === STATUS_DONE) return true;
		if (status === STATUS_CORRUPT) {
			const { damage } = this.#kernel;
			throw tableCorruption(superversion.table(damage.file).path, damage);
		}
		return status === STATUS_EXPIRING && this.#kernel.resultExpiry() > this.#now();
	}
}
