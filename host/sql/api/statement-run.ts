/** What a statement that writes has of its connection. One is made for each run, so it holds no more than it needs. */

import type { Catalog } from "../catalog/catalog.js";
import { Execution } from "../execute/operator.js";
import type { Value } from "../value/value.js";
import type { Encoders } from "../write/encoders.js";
import type { ForeignCounts } from "../write/foreign-checks.js";
import type { Journal } from "../write/journal.js";
import { Nesting } from "../write/nesting.js";
import type { Counters, WriteRun, WriteSettings } from "../write/plan.js";
import type { RowIds } from "../write/rowids.js";
import { Sequences } from "../write/sequence.js";
import type { WriteTarget } from "../write/table-writer.js";
import { TableWriter } from "../write/table-writer.js";
import type { Session } from "./session.js";

export class StatementRun implements WriteRun {
	readonly journal: Journal;
	readonly catalog: Catalog;
	changes = 0;
	readonly #session: Session;
	#execution: Execution;
	#foreign: ForeignCounts | null;
	#nesting: Nesting | null;
	#sequences: Sequences | null;
	/** What the last statement wrote to, and by what. */
	#target: WriteTarget | null = null;
	#writer: TableWriter | null = null;

	constructor(
		session: Session,
		journal: Journal,
		catalog: Catalog,
		execution: Execution,
		foreign: ForeignCounts | null,
		nesting: Nesting | null = null,
		sequences: Sequences | null = null,
	) {
		this.#session = session;
		this.journal = journal;
		this.catalog = catalog;
		this.#execution = execution;
		this.#foreign = foreign;
		this.#nesting = nesting;
		this.#sequences = sequences;
	}

	/** For the next statement of the same transaction. */
	renew(execution: Execution, foreign: ForeignCounts | null): this {
		this.changes = 0;
		this.#execution = execution;
		// Checks of foreign keys count for one statement.
		if (foreign !== null || this.#foreign !== null) this.#target = null;
		this.#foreign = foreign;
		this.#sequences = null;
		return this;
	}

	get execution(): Execution {
		return this.#execution;
	}

	get foreign(): ForeignCounts | null {
		return this.#foreign;
	}

	get rowIds(): RowIds {
		return this.#session.rowIds;
	}

	get encoders(): Encoders {
		return this.#session.encoders;
	}

	get counters(): Counters {
		return this.#session;
	}

	get memoryBytes(): number {
		return this.#session.memoryBytes;
	}

	get commitsAtEnd(): boolean {
		return !this.#session.inTransaction;
	}

	get settings(): WriteSettings {
		return this.#session.settings;
	}

	/** Made at first need: few statements set off others. */
	get nesting(): Nesting {
		this.#nesting ??= new Nesting();
		return this.#nesting;
	}

	get sequences(): Sequences {
		this.#sequences ??= new Sequences();
		return this.#sequences;
	}

	/** At the end of the statement. */
	writeSequences(): void {
		this.#sequences?.writeDown(this);
	}

	executionFor(outer: readonly Value[]): Execution {
		const { parameters, limits } = this.#execution;
		return new Execution(this.journal, parameters, this.#session, limits, true, outer);
	}

	within(execution: Execution): WriteRun {
		const { journal, catalog, nesting, sequences } = this;
		return new StatementRun(this.#session, journal, catalog, execution, this.#foreign, nesting, sequences);
	}

	writerTo(target: WriteTarget): TableWriter {
		if (this.#writer === null || this.#target !== target) {
			this.#writer = new TableWriter(target, this);
			this.#target = target;
		}
		return this.#writer;
	}
}
