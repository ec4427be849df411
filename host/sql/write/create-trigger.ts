/** CREATE TRIGGER. What its body names is looked at when it runs, as in SQLite. */

import type { Catalog } from "../catalog/catalog.js";
import type { CreateTriggerNode } from "../parse/ast.js";
import { nodesOf } from "./nodes.js";
import type { SchemaChange } from "./schema.js";

export function createTrigger(node: CreateTriggerNode, change: SchemaChange): Catalog {
	const { catalog } = change;
	const { name, nameAt, at, schema } = node.name;
	let temporary = change.isTemporary(node.name, node.temporary);
	const from = schema ?? (temporary ? null : node.table.schema);
	const view = catalog.view(node.table.name, from);
	const table = view ?? catalog.find(node.table.name, from);
	if (table === undefined) {
		const written = `${from ?? (temporary ? "" : "main")}.${node.table.name}`.replace(/^\./, "");
		throw change.error(node.table.at, `no such table: ${written}`);
	}
	if (table.kind === "keyValue") throw change.error(node.table.at, "cannot create triggers on virtual tables");
	if (table.temporary) temporary = true;
	change.checkName(node.name);
	if (catalog.trigger(name, temporary ? "temp" : "main") !== undefined) {
		if (node.ifNotExists) return catalog;
		throw change.error(at, `trigger ${name} already exists`);
	}
	if (/^sqlite_/i.test(table.name)) throw change.error(node.table.at, "cannot create trigger on system table");
	if (table.kind === "view" && node.time !== "instead of") {
		const time = node.time.toUpperCase();
		throw change.error(node.table.at, `cannot create ${time} trigger on view: ${node.table.name}`);
	}
	if (table.kind === "stored" && node.time === "instead of")
		throw change.error(node.table.at, `cannot create INSTEAD OF trigger on table: ${node.table.name}`);
	checkBody(node, change);
	change.add(temporary, "trigger", name, table.name, 0, change.textFrom("CREATE TRIGGER", nameAt));
	return change.finish();
}

function checkBody(node: CreateTriggerNode, change: SchemaChange): void {
	for (const part of nodesOf([node.when, node.body]))
		if (part.type === "parameter") throw change.error(Number(part.at), "trigger cannot use variables");
	for (const step of node.body) {
		if (step.type === "select") continue;
		if (step.table.schema !== null) {
			const message = "qualified table names are not allowed on INSERT, UPDATE, and DELETE statements within triggers";
			throw change.error(step.table.at, message);
		}
		if (step.returning !== null) throw change.error(step.table.at, "cannot use RETURNING in a trigger");
	}
}
