/** What the thread at the terminal and the one with the database say to each other. */

import type { FormatName } from "../choices.js";
import type { Opening } from "../database.js";

export interface SessionData {
	readonly opening: Opening;
	readonly readOnly: boolean;
	readonly format: FormatName;
	readonly timeoutMs: number;
	/** An Int32Array of one: 1 while what runs is to stop. Statements look at it, as they let no message in. */
	readonly stop: SharedArrayBuffer;
}

export type ToSession =
	| { readonly kind: "line"; readonly text: string; readonly width: number; readonly colours: boolean }
	/** What was begun is dropped. */
	| { readonly kind: "clear" }
	/** The last output is on the screen. */
	| { readonly kind: "more" }
	| { readonly kind: "stop" }
	| { readonly kind: "names" }
	| { readonly kind: "close" };

export type FromSession =
	| { readonly kind: "ready"; readonly isNew: boolean }
	| { readonly kind: "failed"; readonly message: string; readonly code: string | undefined }
	/** Answered by "more". */
	| { readonly kind: "output"; readonly text: string }
	| { readonly kind: "done"; readonly state: "ready" | "pending" | "quit"; readonly failure: string | undefined }
	| { readonly kind: "names"; readonly names: Names }
	| { readonly kind: "closed"; readonly transaction: "open" | "none" };

/** What can be completed. */
export interface Names {
	readonly tables: readonly { readonly name: string; readonly columns: readonly string[] }[];
	readonly functions: readonly string[];
}
