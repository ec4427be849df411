import type { ReportTable, Series, Unit } from "./report.js";

/** The same work of the same code base in WebAssembly and in TypeScript. */
export interface SpeedUp {
	readonly name: string;
	/** Names of the two contenders. */
	readonly wasm: string;
	readonly typescript: string;
	readonly unit: Unit;
	readonly wasmFigure: number;
	readonly typescriptFigure: number;
	/** How many times as fast WebAssembly is; below 1 it is the slower one. */
	readonly times: number;
}

/** The two kernels by themselves; a database over the twin beside one with `background: "inline"`, and beside the default. */
const PAIRS = [
	["wasm", "ts"],
	["wlsm-inline", "wlsm-ts"],
	["wlsm", "wlsm-ts"],
] as const;

function speedUp({ name, unit, figures }: Series, wasm: string, typescript: string): SpeedUp | undefined {
	const wasmFigure = figures[wasm] ?? undefined;
	const typescriptFigure = figures[typescript] ?? undefined;
	if (wasmFigure === undefined || typescriptFigure === undefined) return undefined;
	const both = { name, wasm, typescript, unit, wasmFigure, typescriptFigure };
	switch (unit) {
		case "/s":
			return { ...both, times: wasmFigure / typescriptFigure };
		case "s":
		case "ns":
			return { ...both, times: typescriptFigure / wasmFigure };
		case "B":
		case "ratio":
		case "count":
			return undefined;
	}
}

/** All that the tables have of rates and times in both. */
export function speedUps(tables: readonly ReportTable[]): SpeedUp[] {
	const all = tables.flatMap(({ series = [] }) => series);
	return PAIRS.flatMap(([wasm, typescript]) =>
		all.map((series) => speedUp(series, wasm, typescript)).filter((found) => found !== undefined),
	);
}
