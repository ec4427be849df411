/** Whether the schema's texts can still be understood: ALTER TABLE asks before and after it has changed them. */

import { WlsmError } from "../../errors.js";
import type { Catalog } from "../catalog/catalog.js";
import { defineTable } from "../catalog/define.js";
import { indexColumns } from "../catalog/index-columns.js";
import type { StoredTable } from "../catalog/table.js";
import { parseStatement } from "../parse/parse.js";
import { sourceOf } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import { viewColumns } from "../plan/view.js";
import { planTable, TablePlans } from "./table-plan.js";
import { planTrigger } from "./trigger-program.js";

/** The message without the place, which is one in another text. */
function plainMessage(error: WlsmError): string {
	return (error.message.split(" (line ")[0] ?? "").split("; did you mean")[0] ?? "";
}

function attempt(what: string, when: string, body: () => unknown): void {
	try {
		body();
	} catch (error) {
		if (!(error instanceof WlsmError) || error.message.startsWith("error in ")) throw error;
		const after = when === "" ? "" : ` ${when}`;
		throw new WlsmError("WLSM_SQL", `error in ${what}${after}: ${plainMessage(error)}`, { cause: error });
	}
}

/** Whether a table can be made of a text, and its indexes' texts fit it: before a catalog is loaded that has them. */
export function checkTable(table: StoredTable, sql: string, outside: PlanContext, when: string): void {
	const source = sourceOf(sql);
	attempt(`table ${table.name}`, when, () => {
		const node = parseStatement(source);
		if (node.type !== "createTable") return;
		const identity = { id: table.id, temporary: table.temporary, idOf: () => 0 };
		const { columns, ...altered } = defineTable(node, source, identity);
		planTable({ ...altered, columns, indexes: [] }, outside);
		for (const index of table.indexes) {
			if (index.sql === null) continue;
			const own = sourceOf(index.sql);
			attempt(`index ${index.name}`, when, () => {
				const indexNode = parseStatement(own);
				if (indexNode.type === "createIndex") indexColumns(indexNode.columns, columns, own);
			});
		}
	});
}

/** `when` is empty before the change, or "after rename" and the like. */
export function checkSchema(catalog: Catalog, outside: PlanContext, when: string): void {
	const context: PlanContext = { ...outside, catalog, bindsAll: true };
	if (when !== "") {
		for (const table of catalog.tables()) {
			attempt(`table ${table.name}`, when, () => planTable({ ...table, indexes: [] }, context));
			for (const index of table.indexes) {
				if (index.sql === null) continue;
				attempt(`index ${index.name}`, when, () => planTable({ ...table, checks: [], indexes: [index] }, context));
			}
		}
	}
	for (const view of catalog.views()) attempt(`view ${view.name}`, when, () => viewColumns(view, context));
	for (const trigger of catalog.triggers())
		attempt(`trigger ${trigger.name}`, when, () => planTrigger(trigger, null, new TablePlans(context)));
}
