import { Buffer } from "node:buffer";
import type { RowPage } from "./contract.js";

/** The page of columns that a kernel shows before a scan has filled one. */
export function emptyRowPage(): RowPage {
	return {
		count: 0,
		capacity: 0,
		damaged: false,
		missing: false,
		tags: new Uint8Array(0),
		tagsAt: 0,
		doubles: new Float64Array(0),
		words: new Uint32Array(0),
		valuesAt: 0,
		groups: new Uint32Array(0),
		groupsAt: 0,
		bytes: Buffer.alloc(0),
		at: 0,
	};
}
