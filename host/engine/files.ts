/** The files of a database directory, by name. Numbers are given once and never again. */

export type DatabaseFile =
	| { readonly kind: "wal"; readonly number: number }
	| { readonly kind: "table"; readonly number: number }
	| { readonly kind: "manifest"; readonly number: number }
	| { readonly kind: "current" }
	| { readonly kind: "lock" }
	/** Left by a process that died while it replaced a file, ran a statement, or just before it ended a checkpoint. */
	| { readonly kind: "temporary" };

/** Numbers of files stay below this: they are stored in 32 bits, with room for what is still to come. */
export const FILE_NUMBER_LIMIT = 2 ** 31;

/** So many numbers below the limit are not gone on from: a stray file with one of them would leave few to give, or none. */
const LAST_NUMBERS = 1 << 20;

/** `next`, or what is above the numbers of all files of a directory. Where `next` itself leaves too few, only the latter. */
export function numberAbove(next: number, files: readonly DatabaseFile[]): number {
	const numbers = files.flatMap((file) => ("number" in file ? [file.number + 1] : []));
	return Math.max(2, ...[next, ...numbers].filter((number) => number < FILE_NUMBER_LIMIT - LAST_NUMBERS));
}

export const CURRENT = "CURRENT";
export const CURRENT_TEMPORARY = "CURRENT.tmp";
/** There while a checkpoint is being written; a directory with it and without CURRENT is one that was interrupted. */
export const CHECKPOINT_MARK = "CHECKPOINT";

/** What a statement of SQL did not hold in memory: sql/execute/spill/file.ts. */
const SPILLED = /^spill-[0-9a-f-]{36}\.tmp$/;

function padded(number: number): string {
	return String(number).padStart(6, "0");
}

export function walName(number: number): string {
	return `${padded(number)}.wal`;
}

export function tableName(number: number): string {
	return `${padded(number)}.sst`;
}

export function manifestName(number: number): string {
	return `MANIFEST-${padded(number)}`;
}

/** What a name in the directory is, undefined for what does not belong to the database. */
export function parseFileName(name: string): DatabaseFile | undefined {
	if (name === CURRENT) return { kind: "current" };
	if (name === CURRENT_TEMPORARY || name === CHECKPOINT_MARK || SPILLED.test(name)) return { kind: "temporary" };
	if (name === "LOCK") return { kind: "lock" };
	const numbered = /^(?:(\d{6,10})\.(wal|sst)|MANIFEST-(\d{6,10}))$/.exec(name);
	if (numbered === null) return undefined;
	const number = Number(numbered[1] ?? numbered[3]);
	if (number >= FILE_NUMBER_LIMIT) return undefined;
	if (numbered[3] !== undefined) return { kind: "manifest", number };
	return { kind: numbered[2] === "wal" ? "wal" : "table", number };
}
