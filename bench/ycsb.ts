/*
 * The core workloads of YCSB, A to F, beside the peers: the same operations on the same records, contenders in turn.
 *
 *   node dist/bench/ycsb.js [--records 300000] [--operations 300000] [--rounds 1] [--mode await|sync|both]
 *                           [--only wlsm,classic-level] [--json FILE] [--smoke]
 *
 * Records have 16 + 100 bytes. Every read is checked as it is made, and the whole content at the end.
 */
import { type ContenderMaker, contenders } from "./contenders.js";
import { benchFlags, refuse } from "./flags.js";
import { settled } from "./process.js";
import { comparison, publish, type ReportTable, rate } from "./report.js";
import { inDirectory, median, seconds } from "./support.js";
import { access, loadRecords, type Mode, perform, verifyRecords } from "./ycsb-access.js";
import { type Phase, ycsb } from "./ycsb-operations.js";

const CACHE_BYTES = 64 << 20;
/** Nothing written for so long: what the load left to compact is done. */
const QUIET_MILLISECONDS = 500;

const flags = benchFlags(
	{ records: 300_000, operations: 300_000, rounds: 1 },
	{ records: 1000, operations: 500 },
	{ mode: "await" },
);
const wanted = modes(flags.mode);
const { plan, records: content } = ycsb(flags.records, flags.operations);

/** Seconds of each phase for one contender. Undefined where it lacks the mode. */
async function run(maker: ContenderMaker, mode: Mode): Promise<number[] | undefined> {
	return inDirectory(async (directory) => {
		const store = await maker.open(directory, { cacheBytes: CACHE_BYTES, sync: "none" });
		const operations = access(store, mode);
		const took: number[] = [];
		if (operations !== undefined) {
			const records = { ...content, values: [...content.values] };
			await loadRecords(store, records);
			for (const phase of plan) {
				await settled(flags.smoke ? 20 : QUIET_MILLISECONDS);
				took.push(await seconds(() => perform(operations, phase, records)));
			}
			await verifyRecords(store, records);
		}
		await store.close();
		return operations === undefined ? undefined : took;
	});
}

const makers = await contenders(flags.only);
const tables: ReportTable[] = [];
for (const mode of wanted) {
	const figures = new Map<string, number[]>();
	const figureKey = ({ name }: ContenderMaker, phase: Phase) => `${name} ${phase.name}`;
	for (let round = 0; round < flags.rounds; round++) {
		for (const maker of makers) {
			const took = await run(maker, mode);
			if (took === undefined) continue;
			for (const [index, phase] of plan.entries()) {
				const figure = figureKey(maker, phase);
				figures.set(figure, [...(figures.get(figure) ?? []), flags.operations / (took[index] as number)]);
			}
		}
	}
	tables.push(
		comparison(
			`YCSB, ${mode === "await" ? "awaited" : "synchronous"} operations: ${flags.records} records loaded, ${flags.operations} operations each, median of ${flags.rounds}`,
			makers.map(({ name }) => name),
			plan.map((phase) => ({
				name: `${phase.name}: ${phase.text}`,
				figures: makers.map((maker) => median(figures.get(figureKey(maker, phase)) ?? [])),
				format: rate,
			})),
			["Operations per second, a scan or a read-modify-write being one: more is better."],
		),
	);
}
publish(tables, flags.json);

function modes(name: string): readonly Mode[] {
	switch (name) {
		case "await":
		case "sync":
			return [name];
		case "both":
			return ["await", "sync"];
		default:
			return refuse(`--mode is await, sync or both, not ${name}`);
	}
}
