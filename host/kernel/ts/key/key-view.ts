import { type Bytes, NO_BYTES } from "../memory/bytes.js";
import { compareBytes } from "./compare.js";

/** A key where it lies. It belongs to whoever owns the bytes; `set` points it elsewhere. */
export class KeyView {
	view: DataView;
	at: number;
	length: number;

	constructor(view: DataView = NO_BYTES.view, at = 0, length = 0) {
		this.view = view;
		this.at = at;
		this.length = length;
	}

	static over(bytes: Bytes): KeyView {
		return new KeyView(bytes.view, 0, bytes.length);
	}

	set(view: DataView, at: number, length: number): void {
		this.view = view;
		this.at = at;
		this.length = length;
	}

	/** As a sort's comparison: this key against another one. */
	compare(view: DataView, at: number, length: number): number {
		return compareBytes(this.view, this.at, this.length, view, at, length);
	}

	compareTo(other: KeyView): number {
		return compareBytes(this.view, this.at, this.length, other.view, other.at, other.length);
	}

	/** Its first bytes. */
	part(length: number): KeyView {
		return new KeyView(this.view, this.at, length);
	}

	copy(): Uint8Array {
		return Uint8Array.from(new Uint8Array(this.view.buffer, this.view.byteOffset + this.at, this.length));
	}
}
