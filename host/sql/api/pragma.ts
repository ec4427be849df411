/** PRAGMAs that programs ask for. Unknown ones answer with nothing, as in SQLite. */

import { isKnownSchema } from "../catalog/catalog.js";
import type { RunLimits, Tuple } from "../execute/operator.js";
import type { PragmaNode } from "../parse/ast.js";
import { sqlError } from "../parse/source.js";
import { pragmaTable } from "./pragma-tables.js";
import type { Session } from "./session.js";
import { settingPragma } from "./setting-pragmas.js";

export interface PragmaPlan {
	readonly columns: readonly string[];
	rows(session: Session, limits: RunLimits): readonly Tuple[];
}

const NOTHING: PragmaPlan = { columns: [], rows: () => [] };

export function pragma(node: PragmaNode): PragmaPlan {
	const name = node.name.toLowerCase();
	const { value, schema } = node;
	if (!isKnownSchema(schema)) throw sqlError(`unknown database ${schema}`);
	const table = pragmaTable(name);
	if (table !== undefined) {
		return { columns: table.columns, rows: (session, limits) => [...table.rows([value, schema], session, limits)] };
	}
	return settingPragma(name, value) ?? NOTHING;
}
