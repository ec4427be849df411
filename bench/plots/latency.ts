import { duration, type ReportTable, type Series } from "../report.js";
import { type Chart, colourOf, FAINT, INK, MARGIN, RULE, TOP } from "./chart.js";

const HEIGHT = 520;

/** A power of ten in seconds, without decimals. */
function decade(seconds: number): string {
	if (seconds >= 1) return `${Math.round(seconds)} s`;
	if (seconds >= 1e-3) return `${Math.round(seconds * 1e3)} ms`;
	return seconds >= 1e-6 ? `${Math.round(seconds * 1e6)} µs` : `${Math.round(seconds * 1e9)} ns`;
}

const isPercentile = ({ name, unit }: Series) => unit === "s" && /^(p[\d.]+|longest)$/.test(name);

/** The highest figure of a column has its label above the line, all others below. */
function labelled(figure: number | null | undefined, { figures }: Series): object | string {
	if (figure === null || figure === undefined) return "-";
	const highest = Object.values(figures).every((other) => other === null || other <= figure);
	return { value: figure, label: { position: highest ? "top" : "bottom" } };
}

/** A line for each store over the percentiles of how long its operations took. */
export function latencyChart(title: string, tables: readonly ReportTable[]): Chart | undefined {
	const table = tables.find(({ series = [] }) => series.some(isPercentile));
	if (table === undefined) return undefined;
	const percentiles = (table.series ?? []).filter(isPercentile);
	const contenders = [...new Set(percentiles.flatMap(({ figures }) => Object.keys(figures)))];
	const figures = percentiles.flatMap((series) => Object.values(series.figures)).filter((figure) => figure !== null);
	return {
		title,
		note: `${table.title}. Less is better.`,
		height: HEIGHT,
		options: {
			legend: { data: contenders },
			grid: { left: MARGIN + 70, right: MARGIN, top: TOP + 24, bottom: 64 },
			xAxis: {
				type: "category",
				data: percentiles.map(({ name }) => name),
				name: "percentile of operations",
				nameLocation: "middle",
				nameGap: 34,
				nameTextStyle: { color: FAINT },
				axisTick: { show: false },
				axisLine: { lineStyle: { color: FAINT } },
				axisLabel: { color: INK, fontSize: 12 },
			},
			yAxis: {
				type: "log",
				min: 10 ** Math.floor(Math.log10(Math.min(...figures))),
				max: 10 ** Math.ceil(Math.log10(Math.max(...figures))),
				name: "time of one operation (logarithmic axis)",
				nameLocation: "end",
				nameTextStyle: { color: FAINT, align: "left", padding: [0, 0, 6, -62] },
				axisLabel: { color: FAINT, formatter: decade },
				splitLine: { lineStyle: { color: RULE } },
			},
			series: contenders.map((contender) => ({
				type: "line",
				name: contender,
				silent: true,
				symbol: "circle",
				symbolSize: 8,
				lineStyle: { width: 2.5, color: colourOf(contender) },
				itemStyle: { color: colourOf(contender) },
				data: percentiles.map((series) => labelled(series.figures[contender], series)),
				label: {
					show: contenders.length <= 3,
					distance: 8,
					fontSize: 11,
					color: colourOf(contender),
					formatter: ({ value }: { readonly value: number }) => duration(value),
				},
			})),
		},
	};
}
