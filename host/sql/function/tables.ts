/** The table-valued functions by name. */

import type { TableFunction } from "./table.js";

export const TABLE_FUNCTIONS: ReadonlyMap<string, TableFunction> = new Map();
