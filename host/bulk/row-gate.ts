import { Buffer } from "node:buffer";
import type { Gate } from "../engine/ingestion.js";
import type { MadeTables } from "../engine/store.js";
import type { TableDescription } from "../kernel/contract.js";

/** Rows of a load, by the least and the greatest of their rowids. */
export interface RowRange {
	readonly first: bigint;
	readonly last: bigint;
	readonly rows: number;
}

/** What rows pass that enter a table which has some already. */
export interface RowGate {
	/** Whether they may, at the moment of entering. */
	mayEnter(range: RowRange): boolean;
	/** Whether they may take the place of rows; otherwise there must be none in that range. */
	readonly replaces: boolean;
	/** Commits a transaction that takes them; false where it has not. */
	commit(tables: MadeTables): boolean;
	/** They have, and nothing has come between. */
	entered?(range: RowRange): void;
}

/** The same gate for the tables that hold the rows. */
export function gateOf(gate: RowGate): Gate {
	return {
		replaces: gate.replaces,
		mayEnter: (outputs) => gate.mayEnter(rangeOf(outputs)),
		commit: (tables) => gate.commit(tables),
		entered: (outputs) => gate.entered?.(rangeOf(outputs)),
	};
}

function rangeOf(outputs: readonly TableDescription[]): RowRange {
	const [first, last] = [outputs[0], outputs.at(-1)] as [TableDescription, TableDescription]; // what is none does not enter
	const rows = outputs.reduce((sum, { entries }) => sum + entries, 0);
	return { first: rowIdOf(first.smallest), last: rowIdOf(last.largest), rows };
}

/** The end of a row's key, which begins with what names its table. */
const ROW_ID_BYTES = 8;

function rowIdOf(key: Uint8Array): bigint {
	const bytes = Buffer.from(key.buffer, key.byteOffset, key.length);
	return BigInt.asIntN(64, bytes.readBigUInt64BE(key.length - ROW_ID_BYTES) ^ (1n << 63n));
}
