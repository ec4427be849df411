import type { Database } from "../../host/database.js";
import { WlsmError } from "../../host/errors.js";
import type { Storage } from "../../host/storage/storage.js";
import type { History } from "./history.js";
import { Violation } from "./ledger.js";
import { openIn, type World } from "./world.js";

/** Opens what has to open. */
export function reopened(open: () => Database): Database {
	try {
		return open();
	} catch (error) {
		throw new Violation("refused", "it does not open", { cause: error });
	}
}

/** A checkpoint that was said to be whole is there; one that was not is whole or refused. */
export function checkCopies(world: World, storage: Storage, history: History): void {
	for (const copy of history.copies) {
		let db: Database;
		try {
			db = openIn(world, storage, copy.directory, { createIfMissing: false });
		} catch (error) {
			if (copy.whole)
				throw new Violation("refused", `the checkpoint ${copy.directory} does not open`, { cause: error });
			if (!(error instanceof WlsmError)) throw error;
			continue;
		}
		history.checkCopy(copy, [...db.entries()]);
		db.closeSync();
	}
}
