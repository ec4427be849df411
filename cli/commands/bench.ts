import { statSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { available, CONTENDERS, type ContenderName } from "../../bench/contenders/names.js";
import { WORKLOAD_NAMES, WORKLOADS, type WorkloadName } from "../../bench/macro/names.js";
import type { Plan, Row, Watch } from "../../bench/macro/run.js";
import type { Arguments } from "../arguments.js";
import { type Command, flagOption, textPositional, valueOption } from "../command.js";
import { ExitCode, UsageError } from "../exit-code.js";
import { tableFor } from "../format/table.js";
import { numberOf } from "../format/units.js";
import { interruptible } from "../interruption.js";
import type { Look } from "../style.js";

/** With the sizes below some ten seconds for wlsm alone, half a minute more with all peers. */
const QUICK: readonly WorkloadName[] = ["fill", "read", "scan"];
const DEFAULTS = {
	full: { entries: 75_000, rounds: 3 },
	smoke: { entries: 1000, rounds: 1 },
} as const;
const VALUE_BYTES = 100;
const LEAST_ENTRIES = 100;
/** What the values are cut from is so long. */
const MOST_VALUE_BYTES = 65_536;
const LEAST_VALUE_BYTES = 16;

const summaries = Object.entries(WORKLOADS).map(([name, summary]) => `${name} (${summary})`);

export const bench: Command = {
	usage: "bench [workloads..]",
	summary: "Measures wlsm on this machine, beside other stores that are installed here",
	positionals: {
		workloads: textPositional(`${summaries.join("; ")}; or all. Unless given: ${QUICK.join(", ")}`),
	},
	options: {
		entries: valueOption(`Entries of a store; ${DEFAULTS.full.entries} unless given`),
		"value-size": valueOption(`Bytes of a value; ${VALUE_BYTES} unless given`),
		rounds: valueOption(`Rounds, whose median counts; ${DEFAULTS.full.rounds} unless given`),
		contenders: valueOption(`Some of ${CONTENDERS.join(",")}; all that are installed here unless given`),
		format: valueOption("table or json"),
		dir: valueOption(
			"Where the databases lie that it makes and removes; the system's temporary directory unless given",
		),
		smoke: flagOption("Tiny inputs, only to see that it works"),
	},
	examples: [
		["wlsm bench", "half a minute with all peers"],
		["wlsm bench read scan --entries 10000 --rounds 1", "two workloads, quickly"],
		["wlsm bench all --contenders wlsm,wlsm-ts", "both kernels, everything"],
	],
	async run(args, output) {
		const format = args.oneOf("format", ["table", "json"], "table");
		const plan = await planOf(args);
		if (args.text("db") !== undefined)
			process.stderr.write("note: bench makes databases of its own; --db is left alone\n");
		const { measure } = await import("../../bench/macro/run.js");
		const interruption = interruptible();
		const progress = progressOn(process.stderr, plan.rounds);
		try {
			const { signal } = interruption;
			const rows = await measure(plan, { signal, onTurn: progress.onTurn });
			progress.end();
			await output.write(output.display(format === "json" ? json(plan, rows) : text(plan, rows, output.look)));
			return ExitCode.done;
		} catch (error) {
			progress.end();
			if (error !== interruption.signal.reason) throw error;
			process.stderr.write("wlsm: interrupted. The databases it made are removed.\n");
			return interruption.exitCode;
		} finally {
			interruption.end();
		}
	},
};

async function planOf(args: Arguments): Promise<Plan> {
	if (args.text("kernel") !== undefined) {
		throw new UsageError("bench measures both kernels; --contenders wlsm or --contenders wlsm-ts takes one of them");
	}
	const { QUIET_MILLISECONDS } = await import("../../bench/macro/suite.js");
	const size = args.flag("smoke") ? "smoke" : "full";
	const valueBytes = args.wholeNumber("value-size", LEAST_VALUE_BYTES) ?? VALUE_BYTES;
	if (valueBytes > MOST_VALUE_BYTES) {
		throw new UsageError(`--value-size must be at most ${MOST_VALUE_BYTES}, not ${valueBytes}`);
	}
	return {
		workloads: workloadsOf(args.list("workloads")),
		contenders: contendersOf(args.text("contenders")),
		packages: process.cwd(),
		directory: directoryOf(args.text("dir")),
		sizes: {
			entries: args.wholeNumber("entries", LEAST_ENTRIES) ?? DEFAULTS[size].entries,
			valueBytes,
			quietMilliseconds: QUIET_MILLISECONDS[size],
		},
		rounds: args.wholeNumber("rounds", 1) ?? DEFAULTS[size].rounds,
	};
}

function workloadsOf(words: readonly string[]): readonly WorkloadName[] {
	if (words.length === 0) return QUICK;
	if (words.includes("all")) return WORKLOAD_NAMES;
	const unknown = words.find((word) => !Object.hasOwn(WORKLOADS, word));
	if (unknown !== undefined) {
		const names = [...WORKLOAD_NAMES, "all"].join(", ");
		throw new UsageError(`There is no workload ${JSON.stringify(unknown)}; workloads are ${names}`);
	}
	return words as WorkloadName[];
}

function contendersOf(text: string | undefined): readonly ContenderName[] {
	const here = available(process.cwd());
	if (text === undefined) return here;
	const names = text.split(",");
	const unknown = names.find((name) => !(CONTENDERS as readonly string[]).includes(name));
	if (unknown !== undefined) {
		throw new UsageError(`There is no contender ${JSON.stringify(unknown)}; contenders are ${CONTENDERS.join(", ")}`);
	}
	const missing = names.find((name) => !(here as readonly string[]).includes(name));
	if (missing !== undefined) {
		throw new UsageError(`${missing} is not installed for this directory: npm install --no-save ${missing}`);
	}
	return CONTENDERS.filter((name) => names.includes(name));
}

function directoryOf(path: string | undefined): string {
	if (path === undefined) return tmpdir();
	if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
	throw new UsageError(`--dir must be a directory that is there, not ${JSON.stringify(path)}`);
}

/** Which turn it is, in one line on a terminal; elsewhere a line for each round. */
function progressOn(stream: NodeJS.WriteStream, rounds: number): Required<Pick<Watch, "onTurn">> & { end(): void } {
	let shown = -1;
	return {
		onTurn(round, contender, workloads) {
			const where = `round ${round + 1} of ${rounds}`;
			if (stream.isTTY) stream.write(`\r\x1b[K${where}: ${workloads.join(", ")}: ${contender}`);
			else if (round !== shown) stream.write(`${where}\n`);
			shown = round;
		},
		end() {
			if (stream.isTTY) stream.write("\r\x1b[K");
		},
	};
}

/** How many times as fast as each contender wlsm is; NaN where it cannot be said. */
function ratiosOf({ contenders }: Plan, { rates }: Row): readonly number[] {
	const own = rates[contenders.indexOf("wlsm")] ?? Number.NaN;
	return rates.map((rate) => own / rate);
}

function text(plan: Plan, rows: readonly Row[], look: Look): string {
	const { contenders, sizes, rounds } = plan;
	const lines = rows.map((row) => {
		const ratios = ratiosOf(plan, row);
		const cells = row.rates.map((rate, index) => cell(rate, contenders[index] === "wlsm" ? Number.NaN : ratios[index]));
		return [row.name, ...cells];
	});
	return [
		`${numberOf(sizes.entries)} entries of 16 + ${sizes.valueBytes} bytes, median of ${rounds}; ${machine()}\n`,
		...tableFor(look)(["operations per second", ...contenders], lines),
		"More is better; entries per second where it is entries. In brackets: wlsm's figure divided by this one.\n",
	].join("");
}

function cell(rate: number, ratio = Number.NaN): string {
	if (Number.isNaN(rate)) return "-";
	// What is measured does not bear more digits.
	const shown = numberOf(Number(rate.toPrecision(3)));
	return Number.isNaN(ratio) ? shown : `${shown} (${ratio.toFixed(2)})`;
}

function json(plan: Plan, rows: readonly Row[]): string {
	const { contenders, sizes, rounds } = plan;
	const byName = (figures: readonly number[]) =>
		Object.fromEntries(contenders.map((name, index) => [name, finite(figures[index])]));
	const report = {
		entries: sizes.entries,
		valueBytes: sizes.valueBytes,
		rounds,
		machine: machine(),
		contenders,
		rows: rows.map((row) => ({
			workload: row.workload,
			name: row.name,
			operationsPerSecond: byName(row.rates),
			wlsmDividedBy: byName(ratiosOf(plan, row)),
		})),
	};
	return `${JSON.stringify(report, null, 2)}\n`;
}

const finite = (figure = Number.NaN) => (Number.isFinite(figure) ? figure : null);

function machine(): string {
	const cpu = cpus()[0]?.model.trim() || process.arch;
	return `node ${process.versions.node}, ${process.platform}, ${availableParallelism()} × ${cpu}`;
}
