/** Triggers, and the tables that they write to. */

import type { Definition } from "./definitions.js";
import { expressionOf } from "./expressions.js";
import { type Generator, NO_SCOPE, type Scope } from "./generator.js";
import { plainTable, type Table, type View } from "./schema-model.js";
import { fixed, list, optional, type Tree, tagged } from "./tree.js";

function added(tree: Tree, name: string, table: string): Definition {
	return {
		tree: tagged("trigger", fixed`${tree}`),
		apply: (schema) => ({
			...schema,
			triggers: [...schema.triggers, { name, table }],
			serial: schema.serial + 1,
		}),
	};
}

/** Notes each change in a table of its own: so it shows which rows were changed, and nothing else. */
export function createTrigger(g: Generator, table: Table, log: Table): Definition {
	const { random } = g;
	const name = `r${g.schema.serial}`;
	const event = random.pick(["INSERT", "UPDATE", "DELETE"]);
	const time = random.pick(["AFTER", "AFTER", "BEFORE"]);
	const of = event === "UPDATE" && random.once(3) ? optional` OF ${random.pick(table.columns).name}` : "";
	// Before an INSERT the rowid is not known yet.
	const named = table.columns.filter((each) => time === "AFTER" || each.name !== table.rowid);
	const row = (prefix: string) => named.map((each) => ({ tree: `${prefix}.${each.name}`, hint: each.hint }));
	const columns = [...(event === "DELETE" ? [] : row("new")), ...(event === "INSERT" ? [] : row("old"))];
	const scope: Scope = { ...NO_SCOPE, columns, closed: true };
	const when = random.once(3) ? optional` WHEN ${expressionOf(g, scope, "boolean", 2)}` : "";
	const value = expressionOf(g, scope, "any", 1);
	const steps: Tree[] = [fixed`INSERT INTO ${log.name} VALUES ('${event}', ${value});`];
	if (random.once(4)) {
		const action = random.pick(["IGNORE", "ABORT, 'no'", "FAIL, 'no'", "ROLLBACK, 'no'"]);
		steps.unshift(optional`SELECT RAISE(${action}) WHERE ${expressionOf(g, scope, "boolean", 1)}; `);
	}
	if (random.once(4))
		steps.push(
			optional` UPDATE ${log.name} SET value = ${expressionOf(g, scope, "any", 1)} WHERE event <> '${event}';`,
		);
	if (random.once(6))
		steps.push(optional` DELETE FROM ${log.name} WHERE value IS ${expressionOf(g, scope, "any", 1)};`);
	const body = fixed`BEGIN ${{ kind: "fixed", parts: steps }} END`;
	return added(fixed`CREATE TRIGGER ${name} ${time} ${event}${of} ON ${table.name}${when} ${body}`, name, table.name);
}

/** Makes a view one that rows can be inserted into. */
export function createViewTrigger(g: Generator, view: View, log: Table): Definition {
	const name = `r${g.schema.serial}`;
	const columns = view.columns.map((each) => ({ tree: `new.${each.name}`, hint: each.hint }));
	const scope: Scope = { ...NO_SCOPE, columns, closed: true };
	const body = fixed`BEGIN INSERT INTO ${log.name} VALUES ('view', ${expressionOf(g, scope, "any", 2)}); END`;
	return added(fixed`CREATE TRIGGER ${name} INSTEAD OF INSERT ON ${view.name} ${body}`, name, view.name);
}

export function dropTrigger(g: Generator): Definition {
	const { name } = g.random.pick(g.schema.triggers);
	return {
		tree: tagged("trigger", fixed`DROP TRIGGER ${name}`),
		apply: (schema) => ({ ...schema, triggers: schema.triggers.filter((trigger) => trigger.name !== name) }),
	};
}

/** A table that triggers write to. */
export function createLog(g: Generator): Definition {
	const name = `l${g.schema.serial}`;
	const columns = ["event", "value"].map((each) => ({ name: each, hint: "any" as const, generated: false }));
	const table = plainTable(name, columns, true);
	return {
		tree: tagged("trigger", fixed`CREATE TABLE ${name} (${list(["event", "value"], 2)})`),
		apply: (schema) => ({ ...schema, tables: [...schema.tables, table], serial: schema.serial + 1 }),
	};
}
