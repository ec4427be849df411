import { WlsmError } from "./errors.js";
import { describe } from "./options.js";

/** One operation of a batch. "del" is what abstract-level says for "delete". */
export type BatchOperation<Key, Value> =
	| {
			readonly type: "put";
			readonly key: Key;
			readonly value: Value;
			/** Milliseconds after which the key is absent. */
			readonly ttlMs?: number;
	  }
	| { readonly type: "delete" | "del"; readonly key: Key };

/** The operations as they were given, checked in shape. */
export function batchOperations<Key, Value>(
	operations: readonly BatchOperation<Key, Value>[],
): readonly BatchOperation<Key, Value>[] {
	if (!Array.isArray(operations)) {
		throw new WlsmError("WLSM_INVALID_ARGUMENT", `A batch is an array of operations, not ${describe(operations)}.`);
	}
	for (let index = 0; index < operations.length; index++) {
		const type: unknown = (operations[index] as BatchOperation<Key, Value> | undefined)?.type;
		if (type !== "put" && type !== "delete" && type !== "del") {
			throw new WlsmError(
				"WLSM_INVALID_ARGUMENT",
				`Operation ${index} of the batch has type ${describe(type)}; types are "put" and "delete".`,
			);
		}
	}
	return operations;
}
