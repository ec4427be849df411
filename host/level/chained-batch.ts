import { AbstractChainedBatch } from "abstract-level";
import type { PutWriteOptions, WriteOptions } from "../database.js";
import type { Facade } from "./facade.js";
import type { Formats } from "./formats.js";
import { WriteBuffer } from "./write-buffer.js";

/** Gives the facade for an operation's encodings. */
export type FacadeOf = (formats: Formats) => Facade<unknown, unknown>;

/** Each operation is encoded when it is added: the batch is one stretch of bytes, and keeps nothing of what it was given. */
export class LevelChainedBatch<Db, Key, Value> extends AbstractChainedBatch<Db, Key, Value> {
	readonly #facadeOf: FacadeOf;
	readonly #buffer = new WriteBuffer();

	constructor(db: Db, facadeOf: FacadeOf) {
		super(db);
		this.#facadeOf = facadeOf;
	}

	/** @internal */
	protected _put(key: unknown, value: unknown, options: Formats & PutWriteOptions): void {
		this.#facadeOf(options).addPut(this.#buffer, key, value, options);
	}

	/** @internal */
	protected _del(key: unknown, options: Formats): void {
		this.#facadeOf(options).addDelete(this.#buffer, key);
	}

	/** @internal */
	protected _clear(): void {
		this.#buffer.clear();
	}

	/** @internal */
	protected _write(options: WriteOptions): Promise<void> {
		return this.#facadeOf({}).commitBuffer(this.#buffer, options);
	}
}
