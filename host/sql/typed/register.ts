/** What a project tells the compiler of its tables and queries, by merging its own declarations into these. */

import type { SqlValue } from "../api/rows.js";

/** A query whose types are known. */
export interface DeclaredQuery {
	/** What it is given: by name or, for `?`, in their order. */
	readonly parameters: Readonly<Record<string, unknown>> | readonly unknown[];
	/** A row of its result, by the names of the columns; `never` for a statement without. */
	readonly row: Readonly<Record<string, unknown>>;
}

/** Rows of a table as SQL returns them. */
export type DeclaredTable = Readonly<Record<string, SqlValue>>;

/**
 * The tables that queries in TypeScript are checked against, each as its rows are stored:
 *
 *     declare module "wlsm" {
 *         interface DeclaredTables {
 *             users: { id: number; name: string; email: string | null };
 *         }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by whoever uses it.
export interface DeclaredTables {}

/** Queries by their text, which `wlsm typegen` writes; they are looked up before types are inferred. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by whoever uses it.
export interface DeclaredQueries {}
