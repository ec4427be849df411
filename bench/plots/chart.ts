import { loadPeer, peersDirectory } from "../support.js";

/** Options of the charting library: https://echarts.apache.org/en/option.html */
export type ChartOptions = Readonly<Record<string, unknown>>;

/** What a plot is made of; `height` in pixels. */
export interface Chart {
	readonly title: string;
	/** What the figures are and which way is better. */
	readonly note: string;
	readonly height: number;
	readonly options: ChartOptions;
}

/** Draws a chart as SVG; `subtitle` tells where and when the figures were taken. */
export type Draw = (chart: Chart, subtitle: string) => string;

/** The part of the library that is used. */
interface ECharts {
	init(
		element: null,
		theme: null,
		options: { readonly renderer: "svg"; readonly ssr: true; readonly width: number; readonly height: number },
	): { setOption(options: ChartOptions): void; renderToSVGString(): string; dispose(): void };
}

/** Pixels. */
export const WIDTH = 1120;
export const MARGIN = 24;
/** Where what is below title, subtitle and legend starts. */
export const TOP = 124;

export const INK = "#24292f";
export const FAINT = "#6e7781";
export const RULE = "#d8dee4";

/** Distinguishable for the colour-blind (Okabe and Ito, "Color universal design", 2008); a store's is the same in all plots. */
export const BLUE = "#0072b2";
export const ORANGE = "#e69f00";
const COLOURS: Readonly<Record<string, string>> = {
	wlsm: BLUE,
	"wlsm-inline": "#56b4e9",
	"wlsm-ts": ORANGE,
	"classic-level": "#009e73",
	lmdb: "#cc79a7",
	"better-sqlite3": "#d55e00",
	"sql.js": "#8c8c8c",
};
export const colourOf = (contender: string) => COLOURS[contender] ?? "#4d4d4d";

/** Without what only a page with a pointer uses, and without ids that count the charts that a process has drawn. */
const asPicture = (svg: string) =>
	svg
		.replace(/<style[\s\S]*?<\/style>\n?/g, "")
		.replace(/ (?:class|pointer-events)="[^"]*"/g, "")
		.replace(/\bzr\d+-/g, "zr-");

/** Undefined where the library is not installed, which is beside the peers. */
export async function loadDraw(): Promise<Draw | undefined> {
	const module = await loadPeer("echarts", peersDirectory);
	if (module === undefined) return undefined;
	const { init } = module as unknown as ECharts;
	return ({ title, note, height, options }, subtitle) => {
		const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
		try {
			const { title: more = [], legend, ...rest } = options as { title?: readonly object[]; legend?: object };
			chart.setOption({
				animation: false,
				// White by itself, since a page may be dark.
				backgroundColor: "#ffffff",
				textStyle: { fontFamily: "Helvetica, Arial, sans-serif", color: INK },
				title: [
					{
						text: title,
						subtext: `${note}\n${subtitle}`,
						left: MARGIN - 5,
						top: 12,
						itemGap: 6,
						textStyle: { fontSize: 18, fontWeight: "bold", color: INK },
						subtextStyle: { fontSize: 12, lineHeight: 17, color: FAINT },
					},
					...more,
				],
				legend: {
					left: MARGIN - 5,
					top: 80,
					icon: "rect",
					itemWidth: 14,
					itemHeight: 10,
					itemGap: 24,
					textStyle: { color: INK },
					selectedMode: false,
					...legend,
				},
				...rest,
			});
			return asPicture(chart.renderToSVGString());
		} finally {
			chart.dispose();
		}
	};
}
