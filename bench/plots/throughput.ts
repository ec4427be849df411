import { type ReportTable, rate, type Series } from "../report.js";
import { type Chart, colourOf, FAINT, INK, MARGIN, TOP, WIDTH } from "./chart.js";

const COLUMNS = 3;
const GAP = 26;
const PANEL_WIDTH = Math.floor((WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS);
const BAR_PITCH = 19;
const LINE_HEIGHT = 17;
/** Of a panel's heading, so that it stays within the panel in any font. */
const LINE_CHARACTERS = 44;
const NAMES_WIDTH = 98;
/** Beside the longest bar, for its figure. */
const FIGURE_WIDTH = 66;

/** Breaks a text into lines between words. */
function lines(text: string): string[] {
	const found: string[] = [];
	for (const word of text.split(" ")) {
		const last = found.at(-1);
		if (last !== undefined && last.length + 1 + word.length <= LINE_CHARACTERS) found.push(`${found.pop()} ${word}`);
		else found.push(word);
	}
	return found;
}

/** Where the headings of a row of panels start, and where its bars do. */
interface Row {
	readonly top: number;
	readonly bars: number;
}

/** One panel a workload, each with a scale of its own: rates lie orders of magnitude apart, and bars of a logarithm mislead. */
export function throughputChart(title: string, tables: readonly ReportTable[]): Chart | undefined {
	const workloads = tables.flatMap(({ series = [] }) => series).filter(({ unit }) => unit === "/s");
	if (workloads.length === 0) return undefined;
	const contenders = [...new Set(workloads.flatMap(({ figures }) => Object.keys(figures)))].filter((name) =>
		workloads.some(({ figures }) => typeof figures[name] === "number"),
	);
	const headings = workloads.map(({ name }) => lines(name));
	const barsHeight = BAR_PITCH * contenders.length;
	const rows: Row[] = [];
	let height = TOP;
	for (let first = 0; first < workloads.length; first += COLUMNS) {
		const highest = Math.max(...headings.slice(first, first + COLUMNS).map(({ length }) => length));
		const bars = height + LINE_HEIGHT * highest + 4;
		rows.push({ top: height, bars });
		height = bars + barsHeight + GAP;
	}
	const rowOf = (panel: number) => rows[Math.floor(panel / COLUMNS)] as Row;
	const left = (panel: number) => MARGIN + (panel % COLUMNS) * (PANEL_WIDTH + GAP);

	const bar = ({ figures }: Series, contender: string, panel: number) => {
		const figure = figures[contender] ?? undefined;
		return {
			type: "bar",
			name: contender,
			stack: `panel ${panel}`,
			xAxisIndex: panel,
			yAxisIndex: panel,
			silent: true,
			barWidth: 13,
			itemStyle: { color: colourOf(contender) },
			label: {
				show: true,
				position: "right",
				fontSize: 11,
				color: figure === undefined ? FAINT : INK,
				formatter: figure === undefined ? "none" : rate(figure),
			},
			data: contenders.map((one) => (one === contender ? (figure ?? 0) : "-")),
		};
	};
	return {
		title,
		note: "Rates: more is better. Each panel has a scale of its own.",
		height,
		options: {
			legend: { data: contenders },
			title: headings.map((heading, panel) => ({
				text: heading.join("\n"),
				left: left(panel) - 5,
				top: rowOf(panel).top - 5,
				textStyle: { fontSize: 12, lineHeight: LINE_HEIGHT, fontWeight: "bold", color: INK },
			})),
			grid: workloads.map((_, panel) => ({
				left: left(panel) + NAMES_WIDTH,
				top: rowOf(panel).bars,
				width: PANEL_WIDTH - NAMES_WIDTH - FIGURE_WIDTH,
				height: barsHeight,
			})),
			xAxis: workloads.map(({ figures }, panel) => ({
				type: "value",
				gridIndex: panel,
				show: false,
				min: 0,
				max: Math.max(...Object.values(figures).map((figure) => figure ?? 0)),
			})),
			yAxis: workloads.map((_, panel) => ({
				type: "category",
				gridIndex: panel,
				inverse: true,
				data: contenders,
				axisLine: { show: true, lineStyle: { color: FAINT } },
				axisTick: { show: false },
				axisLabel: { color: INK, fontSize: 11, interval: 0 },
			})),
			series: workloads.flatMap((series, panel) => contenders.map((contender) => bar(series, contender, panel))),
		},
	};
}
