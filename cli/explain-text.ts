/** How statements are run, as a tree; and what they took where they are run. */

import {
	type Database,
	type OperatorProfile,
	type StatementProfile,
	type StopOptions,
	statementsOf,
} from "../host/index.js";
import { cut, widthOf } from "./format/fit.js";
import { durationText, numberOf } from "./format/units.js";
import { explained, type Parameters } from "./run-script.js";
import { parametersFor } from "./script.js";
import type { Look } from "./style.js";

export function explainText(
	db: Database,
	script: string,
	how: "plan" | "analyze",
	parameters: Parameters,
	look: Look,
	stop: StopOptions = {},
): string {
	const texts = statementsOf(script).map(({ text }) => {
		try {
			if (how === "plan") return `${look.display(db.sql.explain(text)) || noPlan}\n`;
			return profileText(db.sql.profile(text, parametersFor(text, parameters ?? new Map()), stop), look);
		} catch (error) {
			throw explained(error, parameters);
		}
	});
	return texts.join("");
}

/** Of a statement such as BEGIN. */
const noPlan = "(nothing to plan)";

const heads = ["operator", "rows", "runs", "time", "share"];

/** A line for each operator. Time is its own, without that of its inputs. */
export function profileText({ rows, milliseconds, operators }: StatementProfile, look: Look): string {
	const total = `${numberOf(rows)} ${rows === 1 ? "row" : "rows"} in ${durationText(milliseconds)}\n`;
	if (operators.length === 0) return total;
	const lines = operators.map((operator) => cellsOf(operator, milliseconds));
	const widths = heads
		.slice(1)
		.map((head, i) => Math.max(head.length, ...lines.map((line) => (line[i + 1] ?? "").length)));
	const names = [heads[0] ?? "", ...lines.map(([name = ""]) => look.display(name))];
	const nameWidth = Math.max(...names.map(widthOf));
	const room = (look.width ?? Infinity) - widths.reduce((sum, width) => sum + width + 2, 0);
	// Beside names that are hardly to be seen figures are of no use: in a narrow terminal they get a line of their own.
	if (room < Math.min(nameWidth, leastNameWidth)) return lines.map((line) => narrowLines(line, look)).join("") + total;
	const width = Math.min(room, nameWidth);
	const drawn = [heads, ...lines].map((cells, at) => {
		const name = cut(names[at] ?? "", width);
		const figures = widths.map((figureWidth, i) => (cells[i + 1] ?? "").padStart(figureWidth));
		const line = [name + " ".repeat(width - widthOf(name)), ...figures].join("  ");
		return `${at === 0 ? look.paint("heading", line) : line}\n`;
	});
	return [...drawn, total].join("");
}

const leastNameWidth = 40;

function narrowLines([name = "", rows, runs, time, share]: readonly string[], look: Look): string {
	const indent = /^ */.exec(name)?.[0] ?? "";
	const figures = `${indent}  rows ${rows}, runs ${runs}, ${time}, ${share}`;
	return `${cut(look.display(name), look.width ?? Infinity)}\n${look.paint("note", figures)}\n`;
}

function cellsOf({ operator, depth, runs, rows, ownMilliseconds }: OperatorProfile, total: number): string[] {
	const name = "  ".repeat(depth) + operator;
	if (runs === 0) return [name, "-", "-", "-", "-"];
	const share = total === 0 ? 0 : Math.round((ownMilliseconds / total) * 100);
	return [name, numberOf(rows), numberOf(runs), durationText(ownMilliseconds), `${share} %`];
}
