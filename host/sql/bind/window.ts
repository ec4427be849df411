/** Window function calls: their partition, order and frame, with what a named window lends them. */

import type { AggregateFunction } from "../function/aggregate.js";
import type { WindowFunction } from "../function/window.js";
import type { CallNode, FrameBoundNode, FrameNode, WindowNode } from "../parse/ast.js";
import { foldCase } from "../value/compare.js";
import type { Bound, BoundFrame, FrameBound } from "./bound.js";
import { collationOf } from "./bound.js";
import type { ExpressionBinder } from "./expression.js";
import { bindOrderTerms } from "./order.js";
import { isRowIndependent } from "./traverse.js";

/** Without a frame clause: all up to the last peer of the current row. */
const DEFAULT_FRAME: BoundFrame = {
	unit: "range",
	start: { type: "unbounded preceding" },
	end: { type: "current row" },
	exclude: "no others",
};

export function bindWindowCall(
	binder: ExpressionBinder,
	node: CallNode,
	called: AggregateFunction | WindowFunction,
): Bound {
	const { windows } = binder.options;
	if (windows === undefined || binder.inside !== null) {
		throw binder.error(node.at, `misuse of window function ${node.name}()`);
	}
	if (node.distinct) throw binder.error(node.at, "DISTINCT is not supported for window functions");
	if (node.order.length > 0) throw binder.error(node.at, "ORDER BY is not supported for window functions");
	if (node.filter !== null && !("create" in called)) {
		throw binder.error(node.at, "FILTER clause may only be used with aggregate window functions");
	}
	binder.inside = "window";
	try {
		const operands = node.arguments.map((argument) => binder.bind(argument));
		const window = completed(binder, node.over as WindowNode, node.at); // the caller saw OVER
		const order = bindOrderTerms(binder, window.order);
		windows.push({
			function: called,
			arguments: operands,
			filter: node.filter === null ? null : binder.bind(node.filter),
			collation: (operands[0] === undefined ? null : collationOf(operands[0]))?.collation ?? "binary",
			partition: window.partition.map((part) => binder.bind(part)),
			order,
			frame: window.frame === null ? DEFAULT_FRAME : bindFrame(binder, window.frame, order.length, node.at),
		});
		const json = "returnsJson" in called && called.returnsJson === true;
		return { kind: "window", index: windows.length - 1, ...(json && { json }) };
	} finally {
		binder.inside = null;
	}
}

/** `OVER w` is w itself; `OVER (w …)` adds to it what it does not have. */
function completed(binder: ExpressionBinder, node: WindowNode, at: number): WindowNode {
	if (node.base === null) return node;
	const named = binder.options.namedWindows?.get(foldCase(node.base.text));
	if (named === undefined) throw binder.error(node.base.at, `no such window: ${node.base.text}`);
	const base = completed(binder, named, at);
	if (node.whole) return base;
	const { text } = node.base;
	if (node.partition.length > 0) throw binder.error(at, `cannot override PARTITION clause of window: ${text}`);
	if (base.order.length > 0 && node.order.length > 0) {
		throw binder.error(at, `cannot override ORDER BY clause of window: ${text}`);
	}
	if (base.frame !== null) throw binder.error(at, `cannot override frame specification of window: ${text}`);
	return {
		base: null,
		whole: false,
		partition: base.partition,
		order: node.order.length > 0 ? node.order : base.order,
		frame: node.frame,
	};
}

const RANKS = {
	"unbounded preceding": 0,
	preceding: 1,
	"current row": 2,
	following: 3,
	"unbounded following": 4,
};

function bindFrame(binder: ExpressionBinder, node: FrameNode, orderTerms: number, at: number): BoundFrame {
	const { start, end } = node;
	const unsupported = () => binder.error(at, "unsupported frame specification");
	if (start.type === "unbounded following" || end.type === "unbounded preceding") throw unsupported();
	if (RANKS[start.type] > RANKS[end.type]) throw unsupported();
	const unit = node.unit as BoundFrame["unit"];
	const offsets = [start, end].some((bound) => bound.type === "preceding" || bound.type === "following");
	if (unit === "range" && offsets && orderTerms !== 1) {
		throw binder.error(at, "RANGE with offset PRECEDING/FOLLOWING requires one ORDER BY expression");
	}
	return {
		unit,
		start: frameBound(binder, start, at),
		end: frameBound(binder, end, at),
		exclude: node.exclude as BoundFrame["exclude"],
	};
}

function frameBound(binder: ExpressionBinder, node: FrameBoundNode, at: number): FrameBound {
	if (node.type !== "preceding" && node.type !== "following") return { type: node.type };
	const offset = binder.bind(node.expression);
	if (!isRowIndependent(offset)) throw binder.error(at, "frame offset must be a constant expression");
	return { type: node.type, offset };
}
