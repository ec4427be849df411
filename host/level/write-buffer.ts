import { Buffer } from "node:buffer";
import type { OperationRoom } from "../engine/operations.js";

const FIRST_BYTES = 256;

/** Encoded operations that wait for their commit. */
export class WriteBuffer implements OperationRoom {
	bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
	readonly at = 0;
	/** Of the operations so far: where the next one goes. */
	length = 0;
	entries = 0;

	reserve(length: number): void {
		if (length <= this.bytes.length) return;
		const wider = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, length));
		this.bytes.copy(wider, 0, 0, this.length);
		this.bytes = wider;
	}

	/** An operation was written up to `end`. */
	added(end: number): void {
		this.length = end;
		this.entries += 1;
	}

	clear(): void {
		this.length = 0;
		this.entries = 0;
	}
}
