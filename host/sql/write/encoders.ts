/** Encoders with buffers of their own, kept by a connection so that a statement allocates none. */

import { IndexKeyWriter } from "../codec/key.js";
import { RowWriter } from "../codec/row-writer.js";

export class Encoders {
	readonly rows = new RowWriter();
	readonly keys = new IndexKeyWriter();
}
