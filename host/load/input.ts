import { byteOrderMark } from "../csv/dialect.js";
import { guarded, readFailure } from "../csv/failure.js";
import { NodeStorage, type ReadFile } from "../storage/index.js";
import { type JoinOptions, joinTexts, type Piece, placeOf } from "./join.js";
import { removeTemporary, type TextFile, withTemporaryFile } from "./text.js";

export type { LoadSource } from "./text.js";

/** The text being loaded. It can be read from its beginning any number of times. */
export class LoadInput {
	/** For messages. */
	readonly name: string;
	/** Where it lies. */
	readonly path: string;
	readonly size: number;
	readonly #file: ReadFile;
	readonly #pieces: readonly Piece[];
	readonly #dispose: () => void;
	/** Length of the byte order mark. */
	readonly begin: number;
	/** The beginning of the content, byte order mark excluded. */
	readonly head: Uint8Array;

	/** Takes the texts, and removes those that are temporary with itself, or where it fails. */
	static async open(texts: readonly TextFile[], options: JoinOptions): Promise<LoadInput> {
		const removeAll = () => {
			for (const text of texts) text.remove();
		};
		const [only, second] = texts;
		if (only !== undefined && second === undefined) {
			const { name, isExact } = only;
			const piece = { name, line: 1, offset: 0, ownLine: 1, ownOffset: 0, isExact };
			return new LoadInput(name, only.path, [piece], removeAll);
		}
		try {
			let pieces: readonly Piece[] = [];
			const path = await withTemporaryFile(options.signal, async (file) => {
				pieces = await joinTexts(texts, file, options);
			});
			const name = `${only?.name} and ${texts.length - 1} more`;
			return new LoadInput(name, path, pieces, () => removeTemporary(path));
		} finally {
			removeAll();
		}
	}

	private constructor(name: string, path: string, pieces: readonly Piece[], dispose: () => void) {
		this.name = name;
		this.path = path;
		this.#pieces = pieces;
		this.#dispose = dispose;
		const file = this.#opened(path);
		this.#file = file;
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

	#opened(path: string): ReadFile {
		try {
			return guarded(this.name, () => new NodeStorage().openRead(path));
		} catch (error) {
			this.#dispose();
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

	/** Which file a line and a byte of it are from, and where they are there; a byte of a text that was converted is nowhere. */
	place(line: number, offset: number | undefined) {
		return placeOf(this.#pieces, line, offset);
	}

	/** Names of the sources. */
	get files(): readonly string[] {
		return this.#pieces.map(({ name }) => name);
	}

	/** Bytes of it at a place, as many as there are. */
	readSync(target: Uint8Array, position: number): number {
		return guarded(this.name, () => this.#file.readSync(target, 0, target.length, position));
	}

	close(): void {
		this.#file.close();
		this.#dispose();
	}
}
