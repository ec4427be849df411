import type { Database } from "../../../host/database.js";
import type { KernelMaker } from "../../../host/engine/open.js";
import type { OpenOptions } from "../../../host/options.js";
import { openStorage } from "../../support/database.js";
import { Witness } from "../../support/hostile.js";
import { IMAGE_DIRECTORY, storageOf } from "../../support/image.js";
import { type KernelName, kernels } from "../../support/kernels.js";
import { Violation } from "../ledger.js";
import type { Damage } from "./damages.js";
import { Guards } from "./guards.js";
import { expectUntouched, judge } from "./judge.js";
import { bigints, QUERIES, type State, type Subject } from "./subjects.js";

/** "any" data: checksums were made right, so that what the bytes say counts. Else one of these states. */
export type Truth = "any" | readonly State[];

/** "found": opened, and reads or `verify` told of damage. "sound": nobody noticed anything. */
export type Verdict = "refused" | "found" | "sound";

export interface Examination {
	readonly subject: Subject;
	readonly damage: Damage;
	readonly truth: Truth;
	/** Whether the first opening reads only, or the last. */
	readonly firstOpening: "reader" | "writer";
	readonly kernelOf: KernelMaker;
}

/**
 * Opens a damaged image with each kernel and does everything with it. Throws on wrong data, on an error that is not the
 * library's or names no file, on a write beside the kernel's buffers, and where the kernels do not answer alike.
 */
export async function examine(examination: Examination): Promise<Verdict> {
	const [first, second] = [await new Examiner(examination, "wasm").run(), await new Examiner(examination, "ts").run()];
	for (const [index, answer] of first.transcript.entries()) {
		const other = second.transcript[index];
		if (other !== answer) throw new Violation("wrong", `${kernels.join(" and ")} differ: ${answer} and ${other}`);
	}
	if (first.transcript.length !== second.transcript.length)
		throw new Violation("wrong", "one kernel answers more than the other");
	return first.verdict;
}

class Examiner {
	readonly #case: Examination;
	readonly #options: OpenOptions;
	readonly #storage;
	readonly #transcript: string[] = [];
	readonly #witness: Witness;
	#noticed = false;

	constructor(examination: Examination, kernel: KernelName) {
		this.#case = examination;
		this.#options = { ...examination.subject.options, kernel };
		this.#storage = storageOf(examination.damage.image);
		const { truth, subject } = examination;
		this.#witness = new Witness(truth === "any" ? subject.states : truth);
	}

	async run(): Promise<{ readonly verdict: Verdict; readonly transcript: readonly string[] }> {
		const { damage, firstOpening, truth } = this.#case;
		const reader = { ...this.#options, readOnly: true };
		const db = this.#open(firstOpening === "reader" ? reader : this.#options);
		if (db === undefined) {
			expectUntouched(this.#storage, damage.image);
			return { verdict: "refused", transcript: this.#transcript };
		}
		await this.#readAll(db);
		if (firstOpening === "reader") {
			await this.#attempt("close", () => db.closeSync());
			expectUntouched(this.#storage, damage.image);
			const writer = this.#open(this.#options);
			if (writer === undefined)
				throw new Violation("wrong", `opens for a reader, not for a writer: ${this.#transcript.at(-1)}`);
			await this.#write(writer);
		} else {
			const written = await this.#write(db);
			await this.#attempt("open again", () => {
				const again = openStorage(this.#storage, IMAGE_DIRECTORY, reader, { kernelOf: this.#case.kernelOf });
				try {
					if (written && truth !== "any" && again.getSync("new") !== "value")
						throw new Violation("lost", "what was written is gone");
					for (const key of this.#witness.keys()) this.#value(key, again.getSync(key));
				} finally {
					again.closeSync();
				}
			});
		}
		return { verdict: this.#noticed ? "found" : "sound", transcript: this.#transcript };
	}

	#open(options: OpenOptions): Database | undefined {
		try {
			return openStorage(this.#storage, IMAGE_DIRECTORY, options, { kernelOf: this.#case.kernelOf });
		} catch (error) {
			this.#transcript.push(`open: ${judge(error, this.#case.truth)}`);
			return undefined;
		}
	}

	async #attempt(what: string, work: () => unknown): Promise<void> {
		try {
			const answer = await work();
			this.#transcript.push(`${what}: ${JSON.stringify(answer, bigints)}`);
		} catch (error) {
			const told = judge(error, this.#case.truth);
			this.#transcript.push(`${what}: ${told}`);
			// What only SQL can tell is not damage of a file.
			this.#noticed ||= told.includes(` ${IMAGE_DIRECTORY}/`);
		}
	}

	async #readAll(db: Database): Promise<void> {
		const { subject, truth } = this.#case;
		const guards = new Guards(db);
		for (const reverse of [false, true]) {
			await this.#attempt(reverse ? "backward" : "forward", () =>
				truth === "any" ? db.entries({ reverse }).all() : this.#witness.scan(db, reverse),
			);
		}
		guards.place();
		const keys = [...this.#witness.keys()];
		for (const key of keys) await this.#attempt(key, () => this.#value(key, db.getSync(key)));
		await this.#attempt("get", async () => this.#value("key 3", await db.get("key 3")));
		await this.#attempt("getMany", async () => {
			for (const [index, value] of (await db.getMany(keys)).entries()) this.#value(keys[index] as string, value);
		});
		if (subject.queries.size > 0) for (const query of QUERIES) await this.#attempt(query, () => this.#query(db, query));
		const noticed = this.#noticed;
		let [sound, verified] = [true, false];
		await this.#attempt("verify", async () => {
			sound = (await db.verify()).ok;
			verified = true;
			return sound;
		});
		if (noticed && sound && verified)
			throw new Violation(
				"wrong",
				`verify does not find what reads find: ${this.#transcript.join("; ").slice(0, 300)}`,
			);
		this.#noticed ||= !sound;
		guards.check();
	}

	/** Answers whether the write was taken. */
	async #write(db: Database): Promise<boolean> {
		const guards = new Guards(db);
		let written = false;
		await this.#attempt("write", () => {
			db.transactionSync((tx) => {
				this.#value("key 3", tx.getSync("key 3"));
				tx.putSync("new", "value");
			});
			written = true;
		});
		await this.#attempt("compact", () => db.compact());
		await this.#attempt("forward", () =>
			this.#case.truth === "any" ? db.entries().all() : this.#witness.scan(db, false),
		);
		guards.check();
		await this.#attempt("close", () => db.closeSync());
		return written;
	}

	/** Judges the value of a key. */
	#value(key: string, value: string | undefined): string | undefined {
		if (this.#case.truth !== "any") this.#witness.value(key, value);
		return value;
	}

	#query(db: Database, query: string): string {
		const answer = JSON.stringify(db.sql.prepare(query).all(), bigints);
		const { truth, subject } = this.#case;
		if (truth !== "any" && answer !== subject.queries.get(query))
			throw new Violation("wrong", `${query} answers ${answer}`);
		return answer;
	}
}
