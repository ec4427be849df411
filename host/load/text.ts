/** The text of one source, as a file of UTF-8 that can be read again: the source itself, or a temporary file. */

import { guarded, readFailure } from "../csv/failure.js";
import { WlsmError } from "../errors.js";
import { NodeStorage, type ReadFile, type Storage, temporaryDirectory, type WriteFile } from "../storage/index.js";
import { type Encoding, encodingOf, inUtf8 } from "./encoding.js";
import { packingOf, unpacked } from "./unpack.js";

/** A path, or bytes as they come (standard input, a download), which are kept in a temporary file to be read again. */
export type LoadSource = string | AsyncIterable<Uint8Array>;

export interface TextFile {
	/** For messages. */
	readonly name: string;
	readonly path: string;
	/** Whether the bytes are those of the source, or of what is packed in it; what was converted has other ones. */
	readonly isExact: boolean;
	/** Of a temporary file. May be called more than once. */
	remove(): void;
}

export interface TextOptions {
	readonly encoding: Encoding | undefined;
	readonly signal: AbortSignal | undefined;
	/** Called with the bytes read of the source, now and then. */
	onBytes(bytes: number): void;
}

const CHUNK_BYTES = 256 << 10;
const HEAD_BYTES = 64 << 10;

/** A source as it was given, and where it lies whatever the working directory is by the time it is read: a load takes its time. */
export type PlacedSource =
	| { readonly source: string; readonly path: string }
	| { readonly source: AsyncIterable<Uint8Array>; readonly path?: undefined };

export function placed(source: LoadSource): PlacedSource {
	return typeof source === "string" ? { source, path: new NodeStorage().resolve(source) } : { source };
}

export async function textOf({ source, path }: PlacedSource, options: TextOptions): Promise<TextFile> {
	const storage = new NodeStorage();
	const { encoding, signal } = options;
	if (path === undefined) return spooled(nameOf(source), untilAborted(source, signal), options);
	const file = guarded(source, () => storage.openRead(path));
	try {
		const head = new Uint8Array(HEAD_BYTES);
		const length = guarded(source, () => file.readSync(head, 0, head.length, 0));
		const start = head.subarray(0, length);
		const isPlain = packingOf(start, source) === undefined && encodingOf(start, encoding, source) === undefined;
		if (isPlain) return { name: source, path, isExact: true, remove: () => {} };
		return await spooled(source, untilAborted(chunksOf(file, source), signal), options);
	} finally {
		file.close();
	}
}

/** Streams of pipes and devices have the path that they were opened by. */
function nameOf(stream: AsyncIterable<Uint8Array>): string {
	return "path" in stream && typeof stream.path === "string" ? stream.path : "standard input";
}

/** All bytes of a file. */
async function* chunksOf(file: ReadFile, name: string): AsyncGenerator<Uint8Array> {
	for (let position = 0; ; ) {
		const chunk = new Uint8Array(CHUNK_BYTES);
		const length = await file.read(chunk, 0, chunk.length, position).catch((error: unknown) => {
			throw readFailure(name, error);
		});
		if (length === 0) return;
		position += length;
		yield chunk.subarray(0, length);
	}
}

async function spooled(name: string, source: AsyncIterable<Uint8Array>, options: TextOptions): Promise<TextFile> {
	let isExact = true;
	const path = await withTemporaryFile(options.signal, async (file) => {
		const text = await plainText(name, counted(source, options), options.encoding);
		isExact = text.isExact;
		for await (const chunk of text.chunks) file.writeSync(chunk, 0, chunk.length);
	});
	return { name, path, isExact, remove: () => removeTemporary(path) };
}

async function plainText(name: string, source: AsyncIterable<Uint8Array>, encoding: Encoding | undefined) {
	const outer = await withHead(source);
	const packing = packingOf(outer.head, name);
	const inner = packing === undefined ? outer : await withHead(unpacked(outer.chunks, packing, name));
	const foreign = encodingOf(inner.head, encoding, name);
	const chunks = foreign === undefined ? inner.chunks : inUtf8(inner.chunks, foreign, name);
	return { chunks, isExact: foreign === undefined };
}

async function* counted(source: AsyncIterable<Uint8Array>, { onBytes }: TextOptions): AsyncGenerator<Uint8Array> {
	let bytes = 0;
	for await (const chunk of source) {
		yield chunk;
		bytes += chunk.length;
		onBytes(bytes);
	}
}

/** Looks at the first bytes: at least so many as tell what they are, where there are as many. */
async function withHead(source: AsyncIterable<Uint8Array>): Promise<{
	readonly head: Uint8Array;
	readonly chunks: AsyncGenerator<Uint8Array>;
}> {
	const iterator = source[Symbol.asyncIterator]();
	const first: Uint8Array[] = [];
	let length = 0;
	while (length < HEAD_BYTES) {
		const step = await iterator.next();
		if (step.done === true) break;
		first.push(step.value);
		length += step.value.length;
	}
	const head = new Uint8Array(length);
	let at = 0;
	for (const chunk of first) {
		head.set(chunk, at);
		at += chunk.length;
	}
	async function* chunks() {
		try {
			yield head;
			for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) yield step.value;
		} finally {
			await iterator.return?.();
		}
	}
	return { head, chunks: chunks() };
}

/** Makes a file that `write` fills; nothing is left of it where that fails. */
export async function withTemporaryFile(
	signal: AbortSignal | undefined,
	write: (file: WriteFile) => Promise<void>,
): Promise<string> {
	const storage: Storage = new NodeStorage();
	const path = storage.join(folder(), `wlsm-load-${crypto.randomUUID()}.csv`);
	try {
		const file = storage.create(path);
		try {
			await write(file);
		} finally {
			file.close();
		}
		return path;
	} catch (error) {
		removeTemporary(path);
		signal?.throwIfAborted();
		if (error instanceof WlsmError) throw error;
		const reason = error instanceof Error ? error.message : String(error);
		const message = `Cannot keep the input in the temporary file ${path}: ${reason}. The environment variable TMPDIR (on Windows TEMP) names another directory.`;
		throw new WlsmError("WLSM_IO", message, { cause: error, file: path });
	}
}

function folder(): string {
	try {
		return temporaryDirectory();
	} catch (cause) {
		// A runtime may refuse the variables that name it.
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new WlsmError("WLSM_IO", `Cannot find the folder for temporary files: ${reason}`, { cause });
	}
}

export function removeTemporary(path: string): void {
	const storage = new NodeStorage();
	if (storage.exists(path)) storage.remove(path);
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
