/** Going through the expressions of a logical plan. */

import type { Bound } from "../bind/bound.js";
import { everyPart } from "../bind/traverse.js";
import type { Logical, QueryPlan } from "./logical.js";

/** Whether the test holds for every expression of the plan, and all below it. */
export function everyBound(node: Logical, test: (part: Bound) => boolean): boolean {
	const inner = (input: Logical) => everyBound(input, test);
	const query = ({ root }: QueryPlan) => inner(root);
	const one = (bound: Bound | null) => bound === null || everyPart(bound, test);
	const all = (bounds: readonly Bound[]) => bounds.every(one);
	const terms = (order: readonly { readonly bound: Bound }[]) => order.every(({ bound }) => one(bound));
	switch (node.op) {
		case "values":
			return node.rows.every(all);
		case "scan":
		case "working":
			return true;
		case "derived":
			return query(node.plan);
		case "shared":
			return query(node.shared.plan);
		case "function":
			return all(node.arguments);
		case "join":
			return inner(node.left) && inner(node.right) && one(node.on);
		case "filter":
			return inner(node.input) && one(node.condition);
		case "aggregate": {
			const calls = node.calls.every((call) => all(call.arguments) && one(call.filter) && terms(call.order));
			return inner(node.input) && all(node.keys) && calls;
		}
		case "window": {
			const calls = node.calls.every(
				(call) => all(call.arguments) && all(call.partition) && one(call.filter) && terms(call.order),
			);
			return inner(node.input) && calls;
		}
		case "project":
			return inner(node.input) && all(node.columns);
		case "distinct":
		case "sort":
		case "cut":
			return inner(node.input);
		case "limit":
			return inner(node.input) && one(node.limit) && one(node.offset);
		case "compound":
			return query(node.first) && node.rest.every(({ plan }) => query(plan));
		case "recursive":
			return query(node.initial) && node.steps.every(query) && one(node.limit) && one(node.offset);
	}
}
