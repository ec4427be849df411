/** Calls: scalar functions, aggregates, window functions. */

import type { AggregateFunction } from "../function/aggregate.js";
import { WINDOW_FUNCTIONS } from "../function/window.js";
import type { CallNode } from "../parse/ast.js";
import { suggestion } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { Bound, BoundAggregate } from "./bound.js";
import { collationOf, comparison, comparisonCollation } from "./bound.js";
import type { ExpressionBinder } from "./expression.js";
import { realLiteral } from "./literal.js";
import { bindOrderTerms } from "./order.js";
import { everyPart, isDeterministic, sameBound } from "./traverse.js";
import { bindWindowCall } from "./window.js";

export function bindCall(binder: ExpressionBinder, node: CallNode): Bound {
	const name = foldCase(node.name);
	const count = node.arguments.length;
	const { functions } = binder.context;
	const aggregate = aggregateFor(binder, node);
	const window = WINDOW_FUNCTIONS.get(name);
	const called = aggregate ?? functions.scalar(name, count);
	if (called?.directOnly === true && binder.context.ofSchema === true) {
		throw binder.error(node.at, `unsafe use of ${node.name}(): it was defined with directOnly`);
	}
	if (node.over !== null) {
		const windowed = aggregate ?? window;
		if (windowed === undefined || ("notWindow" in windowed && windowed.notWindow)) {
			throw binder.error(
				node.at,
				functions.hasName(name)
					? `${node.name}() may not be used as a window function`
					: `no such function: ${node.name}`,
			);
		}
		if (window !== undefined && (count < window.minimum || count > window.maximum || node.star)) {
			throw binder.error(node.at, `wrong number of arguments to function ${node.name}()`);
		}
		return bindWindowCall(binder, node, windowed);
	}
	if (window !== undefined) throw binder.error(node.at, `misuse of window function ${node.name}()`);
	if (aggregate !== undefined) return bindAggregate(binder, node, aggregate);
	if (node.filter !== null) {
		throw binder.error(node.at, `FILTER may not be used with non-aggregate ${node.name}()`);
	}
	if (node.distinct) throw binder.error(node.at, `DISTINCT is not supported for ${node.name}()`);
	if (node.order.length > 0) throw binder.error(node.at, `ORDER BY may not be used with non-aggregate ${node.name}()`);
	const special = lazyCall(binder, name, node);
	if (special !== null) return special;
	const scalar = functions.scalar(name, count);
	if (scalar === undefined && !functions.hasName(name)) {
		const names = [...functions.names(), ...WINDOW_FUNCTIONS.keys(), "coalesce", "ifnull", "iif"];
		throw binder.error(node.at, `no such function: ${node.name}${suggestion(name, names)}`);
	}
	if (scalar === undefined || node.star) {
		throw binder.error(node.at, `wrong number of arguments to function ${node.name}()`);
	}
	if (name === "likelihood") {
		const likelihood = realLiteral(node.arguments[1]) ?? -1;
		if (likelihood < 0 || likelihood > 1) {
			throw binder.error(node.at, `second argument to ${node.name}() must be a constant between 0.0 and 1.0`);
		}
	}
	const operands = node.arguments.map((argument) => binder.bind(argument));
	const collation = operands.map(collationOf).find((rank) => rank !== null)?.collation ?? "binary";
	return { kind: "call", function: scalar, arguments: operands, collation };
}

function aggregateFor(binder: ExpressionBinder, node: CallNode): AggregateFunction | undefined {
	if (node.star && foldCase(node.name) !== "count") return undefined;
	return binder.context.functions.aggregate(node.name, node.arguments.length);
}

/** Calls that must not evaluate all their arguments. */
function lazyCall(binder: ExpressionBinder, name: string, node: CallNode): Bound | null {
	const count = node.arguments.length;
	const wrong = () => binder.error(node.at, `wrong number of arguments to function ${node.name}()`);
	switch (name) {
		case "coalesce":
		case "ifnull":
			if (name === "ifnull" ? count !== 2 : count < 2) throw wrong();
			return { kind: "coalesce", operands: node.arguments.map((argument) => binder.bind(argument)) };
		case "iif": {
			if (count !== 3) throw wrong();
			const [when, result, otherwise] = node.arguments.map((argument) => binder.bind(argument)) as [
				Bound,
				Bound,
				Bound,
			];
			return { kind: "case", base: null, whens: [{ when, result, matches: comparison(when, when) }], otherwise };
		}
		default:
			return null;
	}
}

function bindAggregate(binder: ExpressionBinder, node: CallNode, aggregate: AggregateFunction): Bound {
	const { aggregates } = binder.options;
	const misuse = () => binder.error(node.at, `misuse of aggregate: ${node.name}()`);
	if (node.distinct && node.arguments.length !== 1) {
		throw binder.error(node.at, "DISTINCT aggregates must have exactly one argument");
	}
	if (aggregates === undefined || binder.inside === "aggregate") {
		const outside = outerAggregate(binder, node);
		if (outside !== null) return outside;
		throw misuse();
	}
	const call = argumentsOf(binder, node, aggregate);
	if (isOfOuterQuery(call)) {
		const outside = outerAggregate(binder, node);
		if (outside !== null) return outside;
	}
	const index = aggregates.findIndex((known) => sameCall(known, call));
	const json = aggregate.returnsJson === true;
	return { kind: "aggregate", index: index === -1 ? aggregates.push(call) - 1 : index, ...(json && { json }) };
}

function argumentsOf(binder: ExpressionBinder, node: CallNode, aggregate: AggregateFunction): BoundAggregate {
	const before = binder.inside;
	binder.inside = "aggregate";
	try {
		const operands = node.arguments.map((argument) => binder.bind(argument));
		const filter = node.filter === null ? null : binder.bind(node.filter);
		const collation = operands[0] === undefined ? "binary" : comparisonCollation(operands[0], operands[0]);
		const order = bindOrderTerms(binder, node.order);
		return { function: aggregate, arguments: operands, distinct: node.distinct, filter, collation, order };
	} finally {
		binder.inside = before;
	}
}

/** All columns that the call reads are those of an enclosing query. */
function isOfOuterQuery(call: BoundAggregate): boolean {
	const read = [...call.arguments, ...(call.filter === null ? [] : [call.filter])];
	const without = (kind: Bound["kind"]) => read.every((bound) => everyPart(bound, (part) => part.kind !== kind));
	return without("column") && !without("outer");
}

function sameCall(a: BoundAggregate, b: BoundAggregate): boolean {
	return (
		a.function === b.function &&
		a.distinct === b.distinct &&
		a.order.length === 0 &&
		b.order.length === 0 &&
		a.arguments.length === b.arguments.length &&
		(a.filter === null ? b.filter === null : b.filter !== null && sameBound(a.filter, b.filter)) &&
		a.arguments.every((argument, i) => isDeterministic(argument) && sameBound(argument, b.arguments[i] as Bound)) // as many
	);
}

/** An aggregate over an enclosing query's columns only belongs to that query. */
function outerAggregate(binder: ExpressionBinder, node: CallNode): Bound | null {
	const { captures } = binder.context;
	const enclosing = captures?.enclosing;
	if (captures === undefined || enclosing === undefined || node.arguments.length === 0) return null;
	if (enclosing.options.aggregates === undefined || enclosing.inside === "aggregate") return null;
	return captures.take(enclosing.bind(node));
}
