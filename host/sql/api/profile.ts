/** Runs a statement to its end and tells what each part of its plan did. */

import type { OperatorProfile } from "../execute/measured.js";
import { Measurement } from "../execute/measured.js";
import type { RunLimits } from "../execute/operator.js";
import { FULL_BATCH } from "../execute/operator.js";
import type { Value } from "../value/value.js";
import type { Prepared } from "./prepare.js";
import type { Session } from "./session.js";

/** What a run of a statement did. */
export interface StatementProfile {
	/** That it returned, or else changed. */
	readonly rows: number;
	/** From its start to its end. */
	readonly milliseconds: number;
	/** Depth first; empty for what has no plan, such as CREATE TABLE. */
	readonly operators: readonly OperatorProfile[];
}

/** `prepared` must have been made for this run alone. */
export function profileOf(
	prepared: Prepared,
	session: Session,
	parameters: readonly Value[],
	limits: RunLimits,
): StatementProfile {
	const measurement = prepared.operator === null ? undefined : new Measurement(prepared.operator);
	const changesBefore = session.totalChanges;
	const from = performance.now();
	const run = prepared.start(session, parameters, limits);
	let rows = 0;
	try {
		for (let batch = run.next(FULL_BATCH); batch !== undefined; batch = run.next(FULL_BATCH)) rows += batch.length;
	} finally {
		run.close();
	}
	const milliseconds = performance.now() - from;
	if (prepared.execute !== undefined) {
		if (session.totalChanges !== changesBefore) rows = session.changes;
		measurement?.note(rows, milliseconds);
	}
	return { rows, milliseconds, operators: measurement?.profile() ?? [] };
}
