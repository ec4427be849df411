import { type ReportTable, withUnit } from "../report.js";
import { type SpeedUp, speedUps } from "../speed-up.js";
import { BLUE, type Chart, FAINT, INK, MARGIN, ORANGE, RULE, TOP } from "./chart.js";

const BAR_PITCH = 30;
const BELOW = 64;
const NAMES_WIDTH = 430;
/** What a reader's font may take beyond the one that lines are broken for. */
const FONT_ROOM = 60;
/** Beside the longest bar, for its figures. */
const FIGURES_WIDTH = 300;

function figures({ times, unit, wasmFigure, typescriptFigure }: SpeedUp): string {
	const [wasm, typescript] = [withUnit(wasmFigure, unit), withUnit(typescriptFigure, unit)];
	return `{times|${times.toFixed(times < 10 ? 2 : 1)}x}{faint|WebAssembly ${wasm}, TypeScript ${typescript}}`;
}

const timesOf = (logarithm: number) => (logarithm < 0 ? `1/${2 ** -logarithm}x` : `${2 ** logarithm}x`);

/** How many times as fast as in TypeScript each operation of the kernel is in WebAssembly. */
export function speedUpChart(title: string, tables: readonly ReportTable[]): Chart | undefined {
	const all = speedUps(tables)
		.filter(({ wasm }) => wasm === "wasm")
		.sort((a, b) => b.times - a.times);
	if (all.length === 0) return undefined;
	const logarithms = all.map(({ times }) => Math.log2(times));
	const bars = (name: string, color: string, mine: (one: SpeedUp) => boolean) => ({
		type: "bar",
		name,
		stack: "all",
		silent: true,
		barWidth: 16,
		itemStyle: { color },
		data: all.map((one, index) => (mine(one) ? { value: logarithms[index], label: { formatter: figures(one) } } : "-")),
		label: {
			show: true,
			// Of the 1x line where TypeScript is faster, whose bars end there.
			position: "right",
			color: INK,
			// So that no line of the axis runs through the figures.
			backgroundColor: "#ffffff",
			rich: {
				times: { fontWeight: "bold", fontSize: 12, color: INK },
				faint: { fontSize: 11, color: FAINT, padding: [0, 0, 0, 14] },
			},
		},
	});
	const least = Math.min(0, Math.floor(Math.min(...logarithms)));
	return {
		title,
		note: "More is better for WebAssembly; at 1x both are equally fast.",
		height: TOP + all.length * BAR_PITCH + BELOW,
		options: {
			grid: {
				left: MARGIN + NAMES_WIDTH,
				right: MARGIN + FIGURES_WIDTH,
				top: TOP,
				bottom: BELOW,
			},
			// The logarithm is taken here, so that bars start at 1x and every power of two has its line.
			xAxis: {
				type: "value",
				min: least,
				max: Math.max(1, Math.ceil(Math.max(...logarithms))),
				interval: 1,
				name: "times as fast in WebAssembly as in TypeScript (logarithmic axis)",
				nameLocation: "middle",
				nameGap: 32,
				nameTextStyle: { color: FAINT },
				axisLabel: { color: FAINT, formatter: timesOf },
				splitLine: { lineStyle: { color: RULE } },
			},
			yAxis: {
				type: "category",
				inverse: true,
				data: all.map(({ name }) => name),
				axisLine: { show: false },
				axisTick: { show: false },
				axisLabel: { color: INK, fontSize: 12, width: NAMES_WIDTH - 8 - FONT_ROOM, overflow: "break" },
			},
			series: [
				{
					...bars("WebAssembly is faster", BLUE, ({ times }) => times >= 1),
					markLine: {
						silent: true,
						symbol: "none",
						label: { show: false },
						lineStyle: { color: INK, type: "solid", width: 1.5 },
						data: [{ xAxis: 0 }],
					},
				},
				bars("TypeScript is faster", ORANGE, ({ times }) => times < 1),
			],
		},
	};
}
