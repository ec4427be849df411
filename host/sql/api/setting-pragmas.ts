/** PRAGMAs that read and set what a connection or a database remembers. */

import { loadCatalog, writeState } from "../catalog/load.js";
import type { Tuple } from "../execute/operator.js";
import { CASE_SENSITIVE_LIKE, LIKE } from "../function/scalar.js";
import type { PragmaPlan } from "./pragma.js";
import type { Session } from "./session.js";

/** Settings that SQLite has and this engine does not: always the same answer, and setting them does nothing. */
const FIXED: Readonly<Record<string, string | number>> = {
	auto_vacuum: 0,
	cache_size: -2000,
	data_version: 1,
	encoding: "UTF-8",
	freelist_count: 0,
	ignore_check_constraints: 0,
	journal_mode: "wal",
	legacy_alter_table: 0,
	locking_mode: "normal",
	mmap_size: 0,
	page_size: 4096,
	query_only: 0,
	temp_store: 0,
	wal_autocheckpoint: 1000,
};

/** Those that answer when they are set, too. */
const TALKATIVE = new Set(["busy_timeout", "journal_mode", "locking_mode", "mmap_size", "wal_autocheckpoint"]);

export function settingPragma(name: string, value: string | null): PragmaPlan | undefined {
	switch (name) {
		case "foreign_keys":
			// In a transaction this is no-op: its writes are checked in one way from its beginning to its end.
			return flag(
				name,
				value,
				(session) => session.settings.foreignKeys,
				(session, on) => {
					if (!session.inTransaction) session.settings.foreignKeys = on;
				},
			);
		case "defer_foreign_keys":
			return flag(
				name,
				value,
				(session) => session.settings.deferForeignKeys,
				(session, on) => {
					session.settings.deferForeignKeys = on;
				},
			);
		case "recursive_triggers":
			return flag(
				name,
				value,
				(session) => session.settings.recursiveTriggers,
				(session, on) => {
					session.settings.recursiveTriggers = on;
				},
			);
		case "case_sensitive_like":
			if (value === null) return { columns: [], rows: () => [] };
			return silent((session) => {
				session.functions.replaceAll(isOn(value) ? CASE_SENSITIVE_LIKE : LIKE);
			});
		case "synchronous":
			return value === null
				? answer(name, (session) => session.settings.synchronous)
				: silent((session) => {
						session.settings.synchronous = synchronousLevel(value);
					});
		case "busy_timeout":
			return answer("timeout", (session) => {
				if (value !== null) session.settings.busyTimeout = Math.max(0, Math.trunc(Number(value)) || 0);
				return session.settings.busyTimeout;
			});
		case "user_version":
		case "application_id":
			return value === null
				? answer(name, (session) => {
						const { userVersion, applicationId } = session.catalog().state;
						return name === "user_version" ? userVersion : applicationId;
					})
				: silent((session) => setNumber(name, value, session));
		case "schema_version":
			return value === null ? answer(name, (session) => session.catalog().state.schemaVersion) : silent(() => {});
		case "wal_checkpoint":
			return { columns: ["busy", "log", "checkpointed"], rows: () => [[0, 0, 0]] };
		default: {
			const fixed = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
			if (fixed === undefined) return undefined;
			return value === null || TALKATIVE.has(name) ? answer(name, () => fixed) : silent(() => {});
		}
	}
}

function answer(name: string, value: (session: Session) => string | number): PragmaPlan {
	return { columns: [name], rows: (session) => [[value(session)]] };
}

function silent(body: (session: Session) => void): PragmaPlan {
	return {
		columns: [],
		rows: (session): Tuple[] => {
			body(session);
			return [];
		},
	};
}

function flag(
	name: string,
	value: string | null,
	get: (session: Session) => boolean,
	set: (session: Session, on: boolean) => void,
): PragmaPlan {
	if (value === null) return answer(name, (session) => (get(session) ? 1 : 0));
	return silent((session) => set(session, isOn(value)));
}

function isOn(value: string): boolean {
	return /^(on|yes|true|full|extra)$/i.test(value) || (/^[+-]?[0-9]/.test(value) && Number.parseInt(value, 10) !== 0);
}

function synchronousLevel(value: string): number {
	const words = ["off", "normal", "full", "extra"];
	const word = words.indexOf(value.toLowerCase());
	if (word !== -1) return word;
	if (/^[0-9]+$/.test(value)) return Math.min(3, Number(value));
	return isOn(value) ? 1 : 0;
}

function setNumber(name: "user_version" | "application_id", value: string, session: Session): void {
	const number = Number(value);
	const whole = Number.isFinite(number) ? Math.trunc(number) | 0 : 0;
	session.changeSchema(({ journal, catalog }) => {
		const { state } = catalog;
		const changed = name === "user_version" ? { userVersion: whole } : { applicationId: whole };
		writeState(journal, { ...state, ...changed });
		return loadCatalog(journal, { previous: catalog });
	});
}
