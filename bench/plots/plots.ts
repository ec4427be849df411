import type { Report, ReportTable } from "../report.js";
import type { Chart, Draw } from "./chart.js";
import { latencyChart } from "./latency.js";
import { speedUpChart } from "./speed-up.js";
import { throughputChart } from "./throughput.js";

/** What a part's figures are drawn as. */
export type PlotKind = "speed-up" | "throughput" | "latency";

const CHARTS: Readonly<Record<PlotKind, (title: string, tables: readonly ReportTable[]) => Chart | undefined>> = {
	"speed-up": speedUpChart,
	throughput: throughputChart,
	latency: latencyChart,
};

/** Undefined where the report has no figures of the kind. */
export function plot(draw: Draw, kind: PlotKind, title: string, { machine, date, tables }: Report): string | undefined {
	const chart = CHARTS[kind](title, tables);
	if (chart === undefined) return undefined;
	const { cores, cpu, system, fileSystem, node } = machine;
	return draw(chart, `${cores} x ${cpu}, ${system}, ${fileSystem}, node ${node}, ${date.slice(0, 10)}`);
}
