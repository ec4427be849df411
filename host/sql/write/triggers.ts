/** The triggers of a table or a view, and what they do for a row. */

import type { Trigger } from "../catalog/table.js";
import type { Tuple } from "../execute/operator.js";
import { Raised } from "../execute/raised.js";
import type { ConflictAction, TriggerEvent } from "../parse/ast.js";
import { sqlError } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import { fail } from "./constraint.js";
import type { WriteRun } from "./plan.js";
import type { TablePlans } from "./table-plan.js";
import type { TriggerProgram } from "./trigger-program.js";
import { planTrigger } from "./trigger-program.js";
import type { TriggerRunner, TriggersOf, TriggerTime } from "./trigger-runner.js";

interface Entry {
	readonly trigger: Trigger;
	/** Slots that UPDATE OF names; null for all. */
	readonly slots: ReadonlySet<number> | null;
	/** Made when it first runs: its body may lead back to this table. */
	program: TriggerProgram | undefined;
}

/** `onConflict` is the statement's: it counts for the statements of its triggers, too. */
export function triggersOf(
	triggers: readonly Trigger[],
	columnNames: readonly string[],
	onConflict: ConflictAction | null,
	plans: TablePlans,
): TriggersOf | null {
	if (triggers.length === 0) return null;
	const entries = triggers.map((trigger): Entry => {
		const names = trigger.node.columns?.map(({ text }) => foldCase(text)) ?? null;
		const slots = names?.map((name) => columnNames.findIndex((column) => foldCase(column) === name) + 1) ?? null;
		return { trigger, slots: slots === null ? null : new Set(slots), program: undefined };
	});
	const programOf = (entry: Entry): TriggerProgram => {
		entry.program ??= planTrigger(entry.trigger, onConflict, plans);
		return entry.program;
	};
	return (write) => new Runner(entries, programOf, write);
}

class Runner implements TriggerRunner {
	readonly #entries: readonly Entry[];
	readonly #programOf: (entry: Entry) => TriggerProgram;
	readonly #write: WriteRun;

	constructor(entries: readonly Entry[], programOf: (entry: Entry) => TriggerProgram, write: WriteRun) {
		this.#entries = entries;
		this.#programOf = programOf;
		this.#write = write;
	}

	has(time: TriggerTime, event: TriggerEvent): boolean {
		return this.#entries.some(({ trigger }) => trigger.node.time === time && trigger.node.event === event);
	}

	fire(
		time: TriggerTime,
		event: TriggerEvent,
		old: Tuple | null,
		row: Tuple | null,
		assigned: readonly number[] | null,
	): boolean {
		for (const entry of this.#entries) {
			const { trigger, slots } = entry;
			if (trigger.node.time !== time || trigger.node.event !== event) continue;
			if (slots !== null && assigned !== null && !assigned.some((slot) => slots.has(slot))) continue;
			if (!this.#run(entry, old, row)) return false;
		}
		return true;
	}

	#run(entry: Entry, old: Tuple | null, row: Tuple | null): boolean {
		const { nesting, settings, counters } = this.#write;
		const { trigger } = entry;
		if (!settings.recursiveTriggers && nesting.isActive(trigger)) return true;
		nesting.enter(trigger);
		const { changes, lastInsertRowId } = counters;
		try {
			this.#programOf(entry).run(old, row, this.#write);
			return true;
		} catch (error) {
			if (error instanceof Raised) {
				if (error.action === "ignore") return false;
				fail(error.message, error.action);
			}
			// Each level takes several calls of the runtime's stack, which may end before SQLite's limit is reached.
			// A pattern would be compiled there, which needs what is left of the stack.
			if (error instanceof RangeError && error.message.includes("call stack"))
				throw sqlError("too many levels of trigger recursion");
			throw error;
		} finally {
			nesting.leave(trigger);
			// The statement's own counts are what its user sees.
			counters.changes = changes;
			counters.lastInsertRowId = lastInsertRowId;
		}
	}
}
