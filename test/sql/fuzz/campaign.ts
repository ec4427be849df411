/** Cases of some statements each: made, run in both engines, and shrunk where they differ. */

import { Random } from "../../support/random.js";
import { SqliteCrash } from "../../support/sqlite.js";
import { isDeliberate } from "./differences.js";
import type { Engine } from "./engines.js";
import type { Feature } from "./features.js";
import { Generator } from "./generator.js";
import { Pair, type Ran, type Step } from "./pair.js";
import { type Minimal, shrink } from "./shrink.js";
import { counted, nextStatement, rolledBack, START, type State } from "./statements.js";
import { featuresOf, textOf } from "./tree.js";

export interface Options {
	readonly seed: number;
	/** In all. */
	readonly statements: number;
	readonly features: ReadonlySet<Feature>;
	/** Stops after so many distinct failures. */
	readonly failures: number;
	/** Runs that shrinking one failure may take. */
	readonly attempts: number;
	/** What is compared with SQLite. */
	open(): Engine;
	/** Asked before each case. */
	goOn(): boolean;
}

export interface Failure extends Minimal {
	/** Of the case: the same seed makes it again. */
	readonly seed: number;
	/** How many others looked the same once shrunk. */
	repeats: number;
}

export interface Tally {
	ran: number;
	refused: number;
	unsupported: number;
}

export interface Report {
	readonly total: Tally;
	/** Why SQLite refused statements, by which. */
	readonly refusals: Map<string, number>;
	/** Statements that SQLite refuses, of all. */
	invalid: number;
	cases: number;
	crashes: number;
	readonly features: Map<Feature, Tally>;
	/** Why statements were not supported. */
	readonly reasons: Map<string, number>;
	readonly failures: Map<string, Failure>;
}

const STATEMENTS_PER_CASE = 60;
const MAX_SQL = 10_000;
const LOOK_ALIKE_SHRINKS = 400;

export function runCampaign(options: Options): Report {
	const report: Report = {
		total: { ran: 0, refused: 0, unsupported: 0 },
		invalid: 0,
		cases: 0,
		crashes: 0,
		features: new Map(),
		reasons: new Map(),
		refusals: new Map(),
		failures: new Map(),
	};
	let left = options.statements;
	for (let seed = options.seed; left > 0 && options.goOn(); seed++) {
		left -= runCase(seed, Math.min(left, STATEMENTS_PER_CASE), options, report);
		report.cases++;
		if (report.failures.size >= options.failures) break;
	}
	return report;
}

/** How many statements it ran. */
function runCase(seed: number, statements: number, options: Options, report: Report): number {
	const pair = new Pair(options.open);
	const history: Step[] = [];
	let state: State = START;
	let count = 0;
	try {
		for (; count < statements; count++) {
			const random = new Random(Math.imul(seed, 0x9e3779b1) + count);
			const { step, apply } = makeStep(random, state, options.features);
			const ran = pair.run(step);
			note(ran, step, report);
			if (ran.ours.kind === "unsupported") continue;
			history.push(step);
			if (ran.difference !== undefined) {
				// What is stored differs from here on, deliberate or not: the case ends.
				if (!isDeliberate(ran.sql, ran.difference))
					keep({ steps: history, difference: ran.difference }, seed, options, report);
				if (ran.difference.kind !== "rows" && ran.difference.kind !== "columns") break;
				history.pop();
			}
			if (ran.ours.kind === "done") state = apply(state);
			if (!pair.inTransaction && state.savepoints.length > 0) state = rolledBack(state);
			state = counted(state, pair.counts());
		}
		const leak = pair.close();
		if (leak !== undefined) keep({ steps: history, difference: leak }, seed, options, report);
	} catch (error) {
		if (!(error instanceof SqliteCrash)) throw error;
		report.crashes++;
	}
	return Math.max(count, 1);
}

function makeStep(random: Random, state: State, features: ReadonlySet<Feature>) {
	for (;;) {
		const { tree, precision, apply } = nextStatement(new Generator(random, state.schema, features), state);
		if (textOf(tree).length <= MAX_SQL) return { step: { tree, precision }, apply };
	}
}

function note({ ours, theirs }: Ran, { tree }: Step, report: Report): void {
	const kind = ours.kind === "unsupported" ? "unsupported" : ours.kind === "done" ? "ran" : "refused";
	report.total[kind]++;
	if (theirs === "would refuse" || (typeof theirs !== "string" && theirs.kind === "refused")) report.invalid++;
	for (const feature of featuresOf(tree)) {
		const tally = report.features.get(feature) ?? { ran: 0, refused: 0, unsupported: 0 };
		tally[kind]++;
		report.features.set(feature, tally);
	}
	if (ours.kind === "unsupported") add(report.reasons, ours.message.replace(/ \(line.*$/, ""));
	if (typeof theirs !== "string" && theirs.kind === "refused") add(report.refusals, shape(theirs.message));
}

function add(counts: Map<string, number>, key: string): void {
	counts.set(key, (counts.get(key) ?? 0) + 1);
}

function keep(found: Minimal, seed: number, options: Options, report: Report): void {
	const attempts = report.failures.size < options.failures ? options.attempts : LOOK_ALIKE_SHRINKS;
	const minimal = shrink(found, attempts, options.open);
	const { kind, actual } = minimal.difference;
	// An error is one defect wherever it turns up.
	const what =
		kind === "refused" || kind === "broken"
			? actual.replace(/ \(line.*$/, "")
			: textOf((minimal.steps.at(-1) as Step).tree);
	const key = `${kind}: ${shape(what)}`;
	const known = report.failures.get(key);
	if (known === undefined) report.failures.set(key, { ...minimal, seed, repeats: 0 });
	else known.repeats++;
}

/** What is left of a statement when names, constants and the lengths of lists do not matter. */
function shape(sql: string): string {
	return sql
		.replace(/x?'(?:[^']|'')*'|\bNULL\b/gi, "?")
		.replace(/\b[a-z]\d+(\.[a-z]+\d+|\.rowid)?\b/g, "?")
		.replace(/-?\b\d[\d.e+-]*(?!\w)/gi, "?")
		.replace(/\(+\?\)+/g, "?")
		.replace(/\?(, \?)+/g, "?");
}
