import { KIND_DELETE_RANGE } from "../../../../assembly/shared/format.js";
import type { STATUS_ABSENT, STATUS_DONE, STATUS_EXPIRING } from "../../../../assembly/shared/status.js";
import type { Overlay as KernelOverlay, Operation } from "../../contract.js";
import type { Context } from "../context.js";
import { KeyView } from "../key/key-view.js";
import { Memtable, NO_NODE } from "./memtable.js";

/** Sequence numbers from here on belong to a transaction's own writes, which no snapshot hides. */
export const OVERLAY_SEQUENCE = 2 ** 52;

/** A transaction's own writes. */
export class Overlay implements KernelOverlay {
	readonly memtable: Memtable;
	writes = 0;
	readonly #context: Context;

	constructor(context: Context) {
		this.#context = context;
		this.memtable = new Memtable(context, 0);
	}

	write({ kind, key, value }: Operation): void {
		const { memtable } = this;
		const sequence = OVERLAY_SEQUENCE + this.writes;
		const keyView = over(key);
		const valueView = over(value);
		if (kind === KIND_DELETE_RANGE) {
			memtable.addBoundaries(keyView, valueView);
			memtable.reserveRange(keyView, valueView);
			memtable.insertRange(keyView, valueView, sequence);
		} else {
			memtable.reserve(1, key.length + value.length);
			memtable.insert(keyView.view, 0, key.length, valueView.view, 0, value.length, sequence, kind);
		}
		this.writes += 1;
	}

	get(key: Uint8Array): typeof STATUS_DONE | typeof STATUS_EXPIRING | typeof STATUS_ABSENT | undefined {
		return this.getAt(over(key), Number.POSITIVE_INFINITY);
	}

	/** As it was after the write with this sequence number. */
	getAt(key: KeyView, sequence: number): ReturnType<KernelOverlay["get"]> {
		const { memtable } = this;
		const { answers } = this.#context;
		const cover = memtable.ranges?.cover(key, sequence) ?? 0;
		const node = memtable.find(key.view, key.at, key.length, sequence);
		const found = node === NO_NODE ? 0 : memtable.sequence(node);
		if (found > cover) {
			const { buffer, view } = memtable.data(node);
			const value = memtable.key(node) + key.length;
			return answers.found(found, memtable.kind(node), buffer, view, value, memtable.valueLength(node));
		}
		return cover === 0 ? undefined : answers.absent(cover);
	}

	free(): void {
		this.memtable.free();
	}
}

function over(bytes: Uint8Array): KeyView {
	return new KeyView(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
}
