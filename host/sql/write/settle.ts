/** What has to be done once after a store was opened, before its catalog is used for writing. */

import { Keyspace } from "../../engine/store.js";
import { ParameterList } from "../bind/parameters.js";
import type { Catalog } from "../catalog/catalog.js";
import { readRowId, rowKey, sequenceKey } from "../codec/key.js";
import type { FunctionRegistry } from "../function/registry.js";
import { sourceOf } from "../parse/source.js";
import { addSequenceTable } from "./create-table.js";
import type { WriteRun } from "./plan.js";
import { removeData, SchemaChange } from "./schema.js";
import { SEQUENCE_NAME } from "./sequence.js";
import { removeHistograms } from "./statistics-rows.js";

function temporaries(catalog: Catalog) {
	return [...catalog.tables(), ...catalog.views(), ...catalog.triggers()].filter(({ temporary }) => temporary);
}

/** AUTOINCREMENT tables of a database made before there was sqlite_sequence. */
function lacksSequence(catalog: Catalog): boolean {
	return (
		catalog.find(SEQUENCE_NAME, "main") === undefined && catalog.tables().some(({ autoincrement }) => autoincrement)
	);
}

export function needsSettling(catalog: Catalog): boolean {
	return temporaries(catalog).length > 0 || lacksSequence(catalog);
}

/** Temporary objects do not outlive the database's being open. */
export function settleCatalog(write: WriteRun, functions: FunctionRegistry): Catalog {
	const { journal, catalog } = write;
	const source = sourceOf("");
	const parameters = new ParameterList([], source);
	const change = new SchemaChange(write, { source, catalog, parameters, functions });
	for (const object of temporaries(catalog)) {
		if (!("kind" in object) || object.kind !== "stored") continue;
		for (const { id } of [object, ...object.indexes]) removeData(journal, id);
		removeHistograms(object, journal);
	}
	change.remove(true, () => true);
	if (lacksSequence(catalog)) {
		addSequenceTable(change);
		const sequence = change.loaded().find(SEQUENCE_NAME, "main");
		let row = 0;
		for (const table of catalog.tables()) {
			const bytes = table.autoincrement ? journal.get(Keyspace.sql, sequenceKey(table.id)) : undefined;
			if (bytes === undefined || sequence?.kind !== "stored") continue;
			const values = write.encoders.rows.encode([table.name, readRowId(bytes, 0)]);
			journal.put(Keyspace.sql, rowKey(sequence.id, ++row), values);
		}
	}
	return change.finish();
}
