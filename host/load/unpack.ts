/** Text that is packed, as it is unpacked: in memory that is bounded, whatever an archive claims. */

import { Readable, type Transform } from "node:stream";
import zlib, { type Gunzip } from "node:zlib";
import { invalid } from "../csv/failure.js";
import { WlsmError } from "../errors.js";
import { ZstdFrames } from "./zstd-frames.js";

export interface Packing {
	readonly name: "gzip" | "zstd";
	readonly ending: ".gz" | ".zst";
	readonly magic: readonly number[];
}

const PACKINGS: readonly Packing[] = [
	{ name: "gzip", ending: ".gz", magic: [0x1f, 0x8b] },
	{ name: "zstd", ending: ".zst", magic: [0x28, 0xb5, 0x2f, 0xfd] },
];

/** How a file is packed, by its first bytes; a name that promises what they are not is refused. */
export function packingOf(head: Uint8Array, name: string): Packing | undefined {
	const found = PACKINGS.find(({ magic }) => magic.every((byte, i) => head[i] === byte));
	if (found !== undefined) return found;
	const promised = PACKINGS.find(({ ending }) => name.toLowerCase().endsWith(ending));
	if (promised === undefined) return undefined;
	const message = `${name} is no ${promised.name} archive: it is damaged, or has the wrong name`;
	throw invalid(message, { file: name });
}

/** The name of what is in an archive. */
export function nameInside(name: string): string {
	const packing = PACKINGS.find(({ ending }) => name.toLowerCase().endsWith(ending));
	return packing === undefined ? name : name.slice(0, -packing.ending.length);
}

/** The content of an archive. One that is cut off or damaged fails with `WLSM_INVALID_ARGUMENT`. */
export async function* unpacked(
	chunks: AsyncIterable<Uint8Array>,
	packing: Packing,
	name: string,
): AsyncGenerator<Uint8Array> {
	const transform = unpacker(packing, name);
	const frames = packing.name === "zstd" ? new ZstdFrames() : undefined;
	const fed = new Fed(chunks, frames);
	const source = Readable.from(fed.chunks(), { objectMode: false });
	let sourceError: unknown;
	source.once("error", (error) => {
		sourceError = error;
		transform.destroy(error);
	});
	source.pipe(transform);
	try {
		for await (const chunk of transform) yield chunk as Uint8Array;
	} catch (error) {
		throw error === sourceError ? error : damaged(packing, name, error);
	} finally {
		source.destroy();
		transform.destroy();
	}
	// Behind the end zeros may stand, as on tapes. Anything else is something that would not be loaded, as is a second frame of
	// zstd for those who read only one.
	if (fed.behindLastByte > (transform as Gunzip).bytesWritten) {
		throw damaged(packing, name, new Error("something else follows the archive"));
	}
	if (frames?.isWhole === false) throw damaged(packing, name, new Error("it does not end where a frame ends"));
}

function unpacker({ name: packing }: Packing, name: string): Transform {
	if (packing === "gzip") return zlib.createGunzip();
	const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };
	if (createZstdDecompress !== undefined) return createZstdDecompress();
	const message = `${name} is packed by zstd, which this runtime cannot unpack (Node from 22.15 on, Deno and Bun can); unpack it first`;
	throw new WlsmError("WLSM_UNSUPPORTED", message, { file: name });
}

/** What has been read of an archive. */
class Fed {
	readonly #source: AsyncIterable<Uint8Array>;
	readonly #frames: ZstdFrames | undefined;
	#bytes = 0;
	/** Behind the last byte that is not zero. */
	behindLastByte = 0;

	constructor(source: AsyncIterable<Uint8Array>, frames: ZstdFrames | undefined) {
		this.#source = source;
		this.#frames = frames;
	}

	async *chunks(): AsyncGenerator<Uint8Array> {
		for await (const chunk of this.#source) {
			const last = chunk.findLastIndex((byte) => byte !== 0);
			if (last >= 0) this.behindLastByte = this.#bytes + last + 1;
			this.#bytes += chunk.length;
			this.#frames?.take(chunk);
			yield chunk;
		}
	}
}

function damaged({ name: packing }: Packing, name: string, error: unknown): Error {
	const reason = error instanceof Error ? error.message : String(error);
	const message = `${name} cannot be unpacked: its ${packing} archive is cut off or damaged (${reason}). Fetch or pack it again`;
	return new WlsmError("WLSM_INVALID_ARGUMENT", message, { cause: error, file: name });
}
