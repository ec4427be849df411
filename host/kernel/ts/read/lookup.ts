import { KEY_MAX_BYTES } from "../../../../assembly/shared/format.js";
import { STATUS_ABSENT, STATUS_DONE, STATUS_EXPIRING } from "../../../../assembly/shared/status.js";
import type {
	GetOperation,
	Lookup as KernelLookup,
	Page as KernelPage,
	LookupOptions,
	RowPage,
	RowProgram,
	Status,
} from "../../contract.js";
import type { Context } from "../context.js";
import { KeyView } from "../key/key-view.js";
import { type Bytes, GrowingBytes } from "../memory/bytes.js";
import { OVERLAY_SEQUENCE, type Overlay } from "../memtable/overlay.js";
import { Rows } from "../row/rows.js";

/** A page of rows may take more for its texts: they are no more than the rows themselves. */
const TEXT_BYTES = 128 << 10;

/** Rows by their keys: a page of pointers goes in, which entries of an index are, and a page of columns comes out. */
export class Lookup implements KernelLookup {
	readonly #context: Context;
	readonly #pointers: KernelPage;
	readonly #shown: RowPage;
	readonly #get: GetOperation;
	readonly #key: Bytes;
	readonly #options: LookupOptions;
	/** Writes of the overlay that are seen. */
	readonly #overlaySequence: number;
	readonly #room = new GrowingBytes(256);
	#rows: Rows | undefined;
	#next = 0;
	#count = 0;
	#keyLength = 0;

	/** `key`: where the get looks for its key. */
	constructor(
		context: Context,
		pointers: KernelPage,
		shown: RowPage,
		get: GetOperation,
		key: Bytes,
		options: LookupOptions,
	) {
		this.#context = context;
		this.#pointers = pointers;
		this.#shown = shown;
		this.#get = get;
		this.#key = key;
		this.#options = options;
		this.#overlaySequence = OVERLAY_SEQUENCE + (options.overlay?.writes ?? 0) - 1;
	}

	read(program: RowProgram): void {
		if (this.#rows === undefined) this.#rows = new Rows(program);
		else this.#rows.narrow(program);
	}

	fill(): Status {
		this.#get.reset();
		this.#rows?.reset(this.#pointers.count, TEXT_BYTES);
		this.#next = 0;
		this.#count = 0;
		return this.#readOn(STATUS_DONE);
	}

	resume(): Status {
		return this.#readOn(this.#take(this.#get.resume()));
	}

	free(): void {
		this.#get.free();
	}

	#readOn(before: Status): Status {
		let status = before;
		while (status === STATUS_DONE && this.#next < this.#pointers.count) status = this.#take(this.#read());
		if (status === STATUS_DONE) this.#rows?.show(this.#shown, this.#count);
		return status;
	}

	#read(): Status {
		const { prefix, overlay, superversion, sequence } = this.#options;
		const { bytes, at, bounds, boundsAt } = this.#pointers;
		const from = bounds[boundsAt + 2 * this.#next + 1] as number; // a scan's page has two bounds an entry, and one more
		const end = bounds[boundsAt + 2 * this.#next + 2] as number;
		const keyLength = prefix.length + end - from;
		if (keyLength > KEY_MAX_BYTES) return STATUS_ABSENT;
		this.#keyLength = keyLength;
		const { buffer } = this.#key;
		buffer.set(prefix, 0);
		bytes.copy(buffer, prefix.length, at + from, at + end);
		const own = (overlay as Overlay | undefined)?.getAt(
			new KeyView(this.#key.view, 0, keyLength),
			this.#overlaySequence,
		);
		return own ?? this.#get.start(superversion, keyLength, sequence);
	}

	/** Takes the row that a read has found, if it is one to be taken. DONE: the next one can be read. */
	#take(status: Status): Status {
		const { answers } = this.#context;
		if (status === STATUS_EXPIRING) {
			if (answers.expiry <= this.#options.now) return STATUS_ABSENT;
		} else if (status !== STATUS_DONE) {
			return status;
		}
		const { bytes, at, length } = answers.result;
		const room = this.#room;
		const keyLength = this.#keyLength;
		// Side by side: a row's rowid stands in its key.
		room.reserve(0, keyLength + length);
		this.#key.buffer.copy(room.buffer, 0, 0, keyLength);
		bytes.copy(room.buffer, keyLength, at, at + length);
		if (this.#rows?.append(this.#count, room.view, 1, keyLength - 1, keyLength, keyLength + length)) this.#count += 1;
		this.#next += 1;
		return STATUS_DONE;
	}
}
