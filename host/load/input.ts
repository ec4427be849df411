import { tmpdir } from "node:os";
import { byteOrderMark } from "../csv/dialect.js";
import { guarded, readFailure } from "../csv/failure.js";
import { WlsmError } from "../errors.js";
import { NodeStorage, type ReadFile, type Storage } from "../storage/index.js";

/** A path, or bytes as they come (standard input, a download), which are kept in a temporary file to be read again. */
export type LoadSource = string | AsyncIterable<Uint8Array>;

/** The file being loaded. It can be read from its beginning any number of times. */
export class LoadInput {
	/** For messages. */
	readonly name: string;
	/** Where it lies. */
	readonly path: string;
	readonly size: number;
	readonly #file: ReadFile;
	readonly #dispose: () => void;
	/** Length of the byte order mark. */
	readonly begin: number;
	/** The beginning of the content, byte order mark excluded. */
	readonly head: Uint8Array;

	static async open(source: LoadSource, signal: AbortSignal | undefined): Promise<LoadInput> {
		const storage = new NodeStorage();
		if (typeof source === "string") return new LoadInput(source, source, openFile(storage, source), () => {});
		const path = storage.join(tmpdir(), `wlsm-load-${crypto.randomUUID()}.csv`);
		const remove = () => {
			if (storage.exists(path)) storage.remove(path);
		};
		try {
			await spool(storage, source, path, signal);
			return new LoadInput("standard input", path, storage.openRead(path), remove);
		} catch (error) {
			remove();
			throw error;
		}
	}

	private constructor(name: string, path: string, file: ReadFile, dispose: () => void) {
		this.name = name;
		this.path = path;
		this.#file = file;
		this.#dispose = dispose;
		try {
			this.size = file.size();
			const head = new Uint8Array(64 * 1024);
			const length = guarded(name, () => file.readSync(head, 0, head.length, 0));
			this.begin = byteOrderMark(head.subarray(0, length), name);
			this.head = head.subarray(this.begin, length);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/**
	 * The content from its beginning. Each chunk is the reader's own. `nextBytes` tells how long the next one should be:
	 * csv-parser copies an unfinished record with each chunk, so a long record wants long chunks.
	 */
	async *chunks(nextBytes: () => number): AsyncGenerator<Uint8Array> {
		let position = this.begin;
		for (;;) {
			const chunk = new Uint8Array(nextBytes());
			const length = await this.#file.read(chunk, 0, chunk.length, position).catch((error: unknown) => {
				throw readFailure(this.name, error);
			});
			if (length === 0) return;
			yield chunk.subarray(0, length);
			position += length;
		}
	}

	close(): void {
		this.#file.close();
		this.#dispose();
	}
}

function openFile(storage: Storage, path: string): ReadFile {
	return guarded(path, () => storage.openRead(path));
}

async function spool(
	storage: Storage,
	source: AsyncIterable<Uint8Array>,
	path: string,
	signal: AbortSignal | undefined,
): Promise<void> {
	try {
		const file = storage.create(path);
		try {
			for await (const chunk of untilAborted(source, signal)) file.writeSync(chunk, 0, chunk.length);
		} finally {
			file.close();
		}
	} catch (error) {
		signal?.throwIfAborted();
		const reason = error instanceof Error ? error.message : String(error);
		const message = `Cannot keep the input in the temporary file ${path}: ${reason}`;
		throw new WlsmError("WLSM_IO", message, { cause: error, file: path });
	}
}

/** Does not wait for a source that is silent when the signal comes. */
async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
	signal?.throwIfAborted();
	const iterator = source[Symbol.asyncIterator]();
	let onAbort = () => {};
	const aborted = new Promise<never>((_, reject) => {
		onAbort = () => reject(signal?.reason);
	});
	aborted.catch(() => {});
	signal?.addEventListener("abort", onAbort);
	let ended = false;
	try {
		for (;;) {
			const step = await Promise.race([iterator.next(), aborted]);
			ended = step.done === true;
			if (ended) return;
			yield step.value;
		}
	} finally {
		signal?.removeEventListener("abort", onAbort);
		// Not waited for: a generator answers only after the step that is under way.
		if (!ended) iterator.return?.().catch(() => {});
	}
}
