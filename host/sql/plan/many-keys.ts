/** Searches by more keys than are to be in memory: part by part. */

import { Buffer } from "node:buffer";
import type { Execution } from "../execute/operator.js";
import { FULL_BATCH } from "../execute/operator.js";
import { KeyList } from "../execute/spill/key-list.js";
import type { Direction } from "../execute/spill/sorted-file.js";
import type { PartSelection, Selection } from "./access.js";

/** Keys that are searched by at once. */
const PART_KEYS = 256;

/** Bytes that keys may go on with, each once and in order. No one is the beginning of another. */
export type KeyParts = readonly Uint8Array[] | KeyList;

/** The keys are all that begin so and go on with one of each of the lists; `select` says what is read for some of them, in order. */
export function manyKeys(
	beginning: Uint8Array,
	lists: readonly KeyParts[],
	run: Execution,
	select: (keys: readonly Uint8Array[]) => PartSelection,
): Selection & { readonly kind: "many" } {
	const open = (direction: Direction) => {
		const held = lists.filter((list) => list instanceof KeyList);
		for (const list of held) list.hold();
		const keys = combined(beginning, lists, direction);
		let isOpen = true;
		return {
			next: () => {
				const part: Uint8Array[] = [];
				while (isOpen && part.length < PART_KEYS) {
					const step = keys.next();
					if (step.done === true) break;
					part.push(step.value);
				}
				run.stop?.count(part.length);
				if (part.length === 0) return undefined;
				return select(direction === "forward" ? part : part.reverse());
			},
			close: () => {
				if (!isOpen) return;
				isOpen = false;
				keys.return();
				for (const list of held) list.letGo();
			},
		};
	};
	return { kind: "many", open };
}

/** Beginnings with one of each of the lists behind them, in order. */
export function* combined(
	beginning: Uint8Array,
	[list, ...others]: readonly KeyParts[],
	direction: Direction,
): Generator<Uint8Array, void> {
	if (list === undefined) yield beginning;
	else {
		for (const part of partsOf(list, direction)) {
			yield* combined(Buffer.concat([beginning, part]), others, direction);
		}
	}
}

function* partsOf(list: KeyParts, direction: Direction): Generator<Uint8Array, void> {
	if (list instanceof KeyList) {
		const rows = list.read(direction);
		for (let batch = rows.next(FULL_BATCH); batch !== undefined; batch = rows.next(FULL_BATCH)) {
			for (const [part] of batch) yield part as Uint8Array;
		}
	} else if (direction === "forward") yield* list;
	else for (let i = list.length - 1; i >= 0; i--) yield list[i] as Uint8Array; // i is within
}
