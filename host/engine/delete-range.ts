import type { Engine } from "./engine.js";
import { deleteRangeOperation, encodeOperations } from "./operations.js";
import { type StoredBounds, storedBounds } from "./range.js";
import type { ByteRange, Keyspace } from "./store.js";
import { Transaction } from "./transaction.js";

/** Deletes the keys of a range by one operation or, where there is a limit, the first ones by one each. All or none. */
export function deleteRangeSync(engine: Engine, space: Keyspace, range: ByteRange, limit: number, sync: boolean): void {
	// What was put before this call is deleted too.
	engine.queue.flushSync();
	if (limit === Number.POSITIVE_INFINITY) {
		const bounds = storedBounds(space, range);
		if (bounds === undefined) return;
		engine.commitBatch((record) => encodeOperations(record, [deleteRangeOperation(bounds)]), sync);
		return;
	}
	const transaction = new Transaction(engine, engine.lastSequence);
	try {
		transaction.deleteFirst(space, range, limit);
		transaction.commit({ sync });
	} finally {
		transaction.rollback();
	}
}

/** As `deleteRangeSync`; without a limit it takes its place among the commits that wait. */
export async function deleteRange(
	engine: Engine,
	space: Keyspace,
	range: ByteRange,
	limit: number,
	sync: boolean,
): Promise<void> {
	if (limit !== Number.POSITIVE_INFINITY) return deleteRangeSync(engine, space, range, limit, sync);
	// Copies of what the caller gave.
	const bounds = storedBounds(space, range);
	if (bounds === undefined) return;
	const commit = () => commitDeletion(engine, bounds, sync);
	return engine.queue.busy ? engine.queue.enqueue(commit) : commit();
}

async function commitDeletion(engine: Engine, bounds: StoredBounds, sync: boolean): Promise<void> {
	const ticket = engine.prepareCommit();
	const { length, entries } = encodeOperations(engine.kernel.record, [deleteRangeOperation(bounds)]);
	if (sync) return engine.commitDurable(ticket, length, entries);
	engine.commitSync(ticket, length, entries, false);
	await engine.turns.answer(undefined);
}
