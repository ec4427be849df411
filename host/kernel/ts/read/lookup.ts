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
	/** Pointers of eight bytes, in place of the page of them; rows may be missing then. */
	#given: Uint8Array | undefined;
	#total = 0;
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
		return this.#fill(undefined, this.#pointers.count);
	}

	fillGiven(pointers: Uint8Array, count: number): Status {
		return this.#fill(pointers, count);
	}

	#fill(given: Uint8Array | undefined, total: number): Status {
		this.#given = given;
		this.#total = total;
		this.#get.reset();
		this.#rows?.reset(total, TEXT_BYTES);
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
		while (status === STATUS_DONE && this.#next < this.#total) status = this.#take(this.#read());
		if (status === STATUS_DONE) this.#rows?.show(this.#shown, this.#count);
		return status;
	}

	#read(): Status {
		const { prefix, overlay, superversion, sequence } = this.#options;
		const pointer = this.#pointer();
		const keyLength = prefix.length + pointer.length;
		if (keyLength > KEY_MAX_BYTES) return STATUS_ABSENT;
		this.#keyLength = keyLength;
		const { buffer } = this.#key;
		buffer.set(prefix, 0);
		buffer.set(pointer, prefix.length);
		const own = (overlay as Overlay | undefined)?.getAt(
			new KeyView(this.#key.view, 0, keyLength),
			this.#overlaySequence,
		);
		return own ?? this.#get.start(superversion, keyLength, sequence);
	}

	#pointer(): Uint8Array {
		const next = this.#next;
		if (this.#given !== undefined) return this.#given.subarray(8 * next, 8 * next + 8);
		const { bytes, at, bounds, boundsAt } = this.#pointers;
		// A scan's page has two bounds an entry, and one more.
		return bytes.subarray(at + (bounds[boundsAt + 2 * next + 1] ?? 0), at + (bounds[boundsAt + 2 * next + 2] ?? 0));
	}

	/** Takes the row that a read has found, if it is one to be taken. DONE: the next one can be read. */
	#take(answered: Status): Status {
		const { answers } = this.#context;
		const isExpired = answered === STATUS_EXPIRING && answers.expiry <= this.#options.now;
		const status = isExpired ? STATUS_ABSENT : answered;
		if (status === STATUS_ABSENT && this.#given !== undefined) {
			this.#next += 1;
			return STATUS_DONE;
		}
		if (status !== STATUS_DONE && status !== STATUS_EXPIRING) return status;
		const { bytes, at, length } = answers.result;
		const room = this.#room;
		const keyLength = this.#keyLength;
		// Side by side: a row's rowid stands in its key.
		room.reserve(0, keyLength + length);
		this.#key.buffer.copy(room.buffer, 0, 0, keyLength);
		bytes.copy(room.buffer, keyLength, at, at + length);
		if (this.#rows?.append(this.#count, room.view, 1, keyLength - 1, keyLength, keyLength + length)) {
			if (this.#given !== undefined) this.#rows.number(this.#count, this.#next);
			this.#count += 1;
		}
		this.#next += 1;
		return STATUS_DONE;
	}
}
