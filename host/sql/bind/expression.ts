/** Binds expressions: names become positions, comparisons learn their affinity and collation. */

import { WlsmError } from "../../errors.js";
import { AGGREGATE_FUNCTIONS } from "../function/aggregate.js";
import { SCALAR_FUNCTIONS } from "../function/scalar.js";
import type { CallNode, ChainStep, ColumnNode, ExpressionNode, NameNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import type { Collation } from "../value/compare.js";
import { foldCase } from "../value/compare.js";
import { affinityOfType } from "../value/convert.js";
import type { Bound, BoundAggregate, CompareOperator } from "./bound.js";
import { affinityOf, coercionOf, collationOf, compareBound, comparison, comparisonCollation, walk } from "./bound.js";
import { blobLiteral, isLeastInteger, LEAST_INTEGER, numberLiteral } from "./literal.js";
import type { ParameterList } from "./parameters.js";
import type { Scope } from "./scope.js";

export interface BindContext {
	readonly source: Source;
	readonly parameters: ParameterList;
	/** The moment of CURRENT_TIMESTAMP. */
	readonly now: () => Date;
}

/** A comparison of comparisons nests; a longer chain than this is refused, as in SQLite. */
const MAX_COMPARISONS = 1000;

export class ExpressionBinder {
	readonly #context: BindContext;
	readonly #scope: Scope;
	/** The query's aggregate calls; null where none may stand. */
	readonly #aggregates: BoundAggregate[] | null;
	/** Result columns that may be named in this place, by folded alias. */
	readonly #aliases: ReadonlyMap<string, Bound>;
	#insideAggregate = false;

	constructor(
		context: BindContext,
		scope: Scope,
		aggregates: BoundAggregate[] | null = null,
		aliases: ReadonlyMap<string, Bound> = new Map(),
	) {
		this.#context = context;
		this.#scope = scope;
		this.#aggregates = aggregates;
		this.#aliases = aliases;
	}

	bind(node: ExpressionNode): Bound {
		switch (node.type) {
			case "number":
				return { kind: "constant", value: numberLiteral(node, this.#context.source) };
			case "string":
				return { kind: "constant", value: node.value };
			case "blob":
				return { kind: "constant", value: blobLiteral(node.hex) };
			case "null":
				return { kind: "constant", value: null };
			case "now":
				return this.#now(node.unit);
			case "parameter":
				return { kind: "parameter", index: this.#context.parameters.add(node.text, this.#context.source, node.at) };
			case "column":
				return this.#column(node);
			case "call":
				return this.#call(node);
			case "unary":
				return this.#unary(node);
			case "chain":
				return this.#chain(node.first, node.rest);
			case "and":
			case "or":
				return { kind: node.type, operands: node.operands.map((operand) => this.bind(operand)) };
			case "collate":
				return this.#collate(node);
			case "bracket":
				return this.bind(node.operand);
			case "case":
				return this.#case(node);
			case "cast":
				return { kind: "cast", operand: this.bind(node.operand), affinity: affinityOfType(node.typeName) };
			case "row":
				throw this.#unsupported(node.at, "row values");
			case "subquery":
			case "exists":
				throw this.#unsupported(node.at, "subqueries");
			case "unsupported":
				throw this.#unsupported(node.at, node.feature);
		}
	}

	#unsupported(at: number, feature: string): WlsmError {
		return unsupported(this.#context.source, at, feature);
	}

	#error(at: number, message: string): WlsmError {
		return sqlErrorAt(this.#context.source, at, message);
	}

	#now(unit: "current_timestamp" | "current_date" | "current_time"): Bound {
		const now = this.#context.now;
		const text = (): string => {
			const [date = "", time = ""] = now().toISOString().slice(0, 19).split("T");
			return unit === "current_date" ? date : unit === "current_time" ? time : `${date} ${time}`;
		};
		const clock = { name: unit, minimum: 0, maximum: 0, deterministic: true, call: text };
		return { kind: "call", function: clock, arguments: [], collation: "binary" };
	}

	/** Of several COLLATEs behind one another the last one counts. */
	#collate(node: ExpressionNode & { type: "collate" }): Bound {
		const collation = collationNamed(this.#context.source, node.collation);
		let operand = node.operand;
		for (; operand.type === "collate"; operand = operand.operand)
			collationNamed(this.#context.source, operand.collation);
		return { kind: "collate", operand: this.bind(operand), collation };
	}

	#column(node: ColumnNode): Bound {
		const { name, table } = node;
		const found = this.#scope.lookup(table?.text ?? null, name.text);
		const written = `${node.schema === null ? "" : `${node.schema.text}.`}${table === null ? "" : `${table.text}.`}${name.text}`;
		if (found === "ambiguous") throw this.#error(node.at, `ambiguous column name: ${written}`);
		if (found !== "absent") return found;
		if (table === null) {
			const alias = this.#aliases.get(foldCase(name.text));
			if (alias !== undefined) return this.#aliased(alias, node);
			// SQLite's rule for double quotes: a column if there is one, else a string.
			if (name.quote === '"') return { kind: "constant", value: name.text };
			if (name.quote === "" && /^(true|false)$/i.test(name.text)) {
				return { kind: "constant", value: foldCase(name.text) === "true" ? 1 : 0 };
			}
		}
		throw this.#error(node.at, `no such column: ${written}${suggestion(name.text, this.#scope.columnNames())}`);
	}

	#aliased(alias: Bound, node: ColumnNode): Bound {
		if (this.#aggregates === null || this.#insideAggregate) {
			walk(alias, (part) => {
				if (part.kind === "aggregate") throw this.#error(node.at, `misuse of aliased aggregate ${node.name.text}`);
			});
		}
		return alias;
	}

	#unary(node: ExpressionNode & { type: "unary" }): Bound {
		const operators = node.operators;
		if (operators[operators.length - 1] === "-" && isLeastInteger(node.operand)) {
			const least: Bound = { kind: "constant", value: LEAST_INTEGER };
			return operators.length === 1 ? least : { kind: "unary", operators: operators.slice(0, -1), operand: least };
		}
		return { kind: "unary", operators, operand: this.bind(node.operand) };
	}

	#chain(first: ExpressionNode, rest: readonly ChainStep[]): Bound {
		let left = this.bind(first);
		let depth = 0;
		for (const step of rest) {
			switch (step.operator) {
				case "+":
				case "-":
				case "*":
				case "/":
				case "%":
				case "&":
				case "|":
				case "<<":
				case ">>":
				case "||": {
					// Each level of the grammar is one chain, so an arithmetic node has one list however long.
					const operand = this.bind(step.right);
					const addition = { operator: step.operator, operand };
					if (left.kind === "arithmetic" && depth > 0) (left.rest as (typeof addition)[]).push(addition);
					else left = { kind: "arithmetic", first: left, rest: [addition] };
					depth = 1;
					continue;
				}
				case "->":
				case "->>":
					throw unsupported(this.#context.source, startOf(step.right), `the operator ${step.operator}`);
				default:
					if (++depth > MAX_COMPARISONS) {
						throw this.#error(startOf(first), `Expression tree is too large (maximum depth ${MAX_COMPARISONS})`);
					}
					left = this.#step(left, step);
			}
		}
		return left;
	}

	#step(left: Bound, step: Exclude<ChainStep, { operator: "+" }> | ChainStep): Bound {
		switch (step.operator) {
			case "=":
			case "<>":
			case "<":
			case "<=":
			case ">":
			case ">=":
			case "is":
			case "is not":
				return this.#compare(left, step.operator, step.right);
			case "isnull":
			case "notnull":
				return { kind: "isNull", operand: left, negated: step.operator === "notnull" };
			case "between": {
				const low = this.bind(step.low);
				const high = this.bind(step.high);
				return {
					kind: "between",
					operand: left,
					low,
					high,
					lowMatch: comparison(left, low),
					highMatch: comparison(left, high),
					negated: step.negated,
				};
			}
			case "like":
			case "glob":
				return {
					kind: "pattern",
					operator: step.operator,
					operand: left,
					pattern: this.bind(step.pattern),
					escape: step.escape === null ? null : this.bind(step.escape),
					negated: step.negated,
				};
			case "regexp":
			case "match":
				throw this.#error(step.at, `no such function: ${step.operator.toUpperCase()}`);
			case "inList":
				return {
					kind: "in",
					operand: left,
					list: step.list.map((item) => this.bind(item)),
					negated: step.negated,
					coercion: coercionOf(affinityOf(left)),
					collation: collationOf(left)?.collation ?? "binary",
				};
			case "inQuery":
			case "inTable":
				throw this.#unsupported(step.at, "IN with a subquery");
			default:
				throw this.#unsupported(0, `the operator ${step.operator}`);
		}
	}

	#compare(left: Bound, operator: CompareOperator, rightNode: ExpressionNode): Bound {
		// `x IS TRUE` asks for truth, not for 1.
		if ((operator === "is" || operator === "is not") && rightNode.type === "column") {
			const truth = this.#truthWord(rightNode);
			if (truth !== null) return this.#truthTest(left, truth, operator === "is not");
		}
		const right = this.bind(rightNode);
		if (right.kind === "constant" && right.value === null && (operator === "is" || operator === "is not")) {
			return { kind: "isNull", operand: left, negated: operator === "is not" };
		}
		return compareBound(operator, left, right);
	}

	#truthWord(node: ColumnNode): boolean | null {
		if (node.table !== null || node.name.quote !== "" || this.#scope.lookup(null, node.name.text) !== "absent")
			return null;
		const word = foldCase(node.name.text);
		return word === "true" ? true : word === "false" ? false : null;
	}

	#truthTest(operand: Bound, truth: boolean, negated: boolean): Bound {
		const test: Bound = truth ? operand : { kind: "unary", operators: ["not"], operand };
		return {
			kind: "case",
			base: null,
			whens: [{ when: test, result: { kind: "constant", value: negated ? 0 : 1 }, matches: comparison(test, test) }],
			otherwise: { kind: "constant", value: negated ? 1 : 0 },
		};
	}

	#case(node: ExpressionNode & { type: "case" }): Bound {
		const base = node.base === null ? null : this.bind(node.base);
		return {
			kind: "case",
			base,
			whens: node.whens.map(({ when: whenNode, then }) => {
				const when = this.bind(whenNode);
				return { when, result: this.bind(then), matches: comparison(base ?? when, when) };
			}),
			otherwise: node.otherwise === null ? null : this.bind(node.otherwise),
		};
	}

	#call(node: CallNode): Bound {
		const name = foldCase(node.name);
		if (node.over !== null) throw this.#unsupported(node.at, "window functions");
		if (node.order.length > 0) throw this.#unsupported(node.at, "ORDER BY inside an aggregate");
		const aggregate = AGGREGATE_FUNCTIONS.get(name);
		const count = node.arguments.length;
		if (aggregate !== undefined && count <= aggregate.maximum && (count >= aggregate.minimum || node.star)) {
			if (!node.star || name === "count") return this.#aggregate(node);
		}
		if (node.filter !== null) {
			throw this.#error(node.at, `FILTER may not be used with non-aggregate ${node.name}()`);
		}
		if (node.distinct) throw this.#error(node.at, `DISTINCT is not supported for ${node.name}()`);
		const special = this.#lazyCall(name, node);
		if (special !== null) return special;
		const scalar = SCALAR_FUNCTIONS.get(name);
		if (scalar === undefined && aggregate === undefined) {
			const names = [...SCALAR_FUNCTIONS.keys(), ...AGGREGATE_FUNCTIONS.keys(), "coalesce", "ifnull", "iif"];
			throw this.#error(node.at, `no such function: ${node.name}${suggestion(name, names)}`);
		}
		if (scalar === undefined || node.star || count < scalar.minimum || count > scalar.maximum) {
			throw this.#error(node.at, `wrong number of arguments to function ${node.name}()`);
		}
		const operands = node.arguments.map((argument) => this.bind(argument));
		if (/^(likely|unlikely|likelihood)$/.test(name)) return operands[0] as Bound; // a hint only
		const collation = operands.map(collationOf).find((rank) => rank !== null)?.collation ?? "binary";
		return { kind: "call", function: scalar, arguments: operands, collation };
	}

	/** Calls that must not evaluate all their arguments. */
	#lazyCall(name: string, node: CallNode): Bound | null {
		const count = node.arguments.length;
		const wrong = () => this.#error(node.at, `wrong number of arguments to function ${node.name}()`);
		switch (name) {
			case "coalesce":
			case "ifnull":
				if (name === "ifnull" ? count !== 2 : count < 2) throw wrong();
				return { kind: "coalesce", operands: node.arguments.map((argument) => this.bind(argument)) };
			case "iif": {
				if (count !== 3) throw wrong();
				const [when, result, otherwise] = node.arguments.map((argument) => this.bind(argument)) as [
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

	#aggregate(node: CallNode): Bound {
		const aggregate = AGGREGATE_FUNCTIONS.get(foldCase(node.name));
		if (aggregate === undefined || this.#aggregates === null || this.#insideAggregate) {
			throw this.#error(node.at, `misuse of aggregate: ${node.name}()`);
		}
		if (node.distinct && node.arguments.length !== 1) {
			throw this.#error(node.at, "DISTINCT aggregates must have exactly one argument");
		}
		this.#insideAggregate = true;
		const operands = node.arguments.map((argument) => this.bind(argument));
		const filter = node.filter === null ? null : this.bind(node.filter);
		this.#insideAggregate = false;
		const collation = operands[0] === undefined ? "binary" : comparisonCollation(operands[0], operands[0]);
		this.#aggregates.push({ function: aggregate, arguments: operands, distinct: node.distinct, filter, collation });
		return { kind: "aggregate", index: this.#aggregates.length - 1 };
	}
}

export function unsupported(source: Source, at: number, feature: string): WlsmError {
	const { message, line, column } = sqlErrorAt(source, at, `not supported yet: ${feature}`);
	return new WlsmError("WLSM_UNSUPPORTED", message, { ...(line && { line }), ...(column && { column }) });
}

export function collationNamed(source: Source, name: NameNode): Collation {
	const folded = foldCase(name.text);
	if (folded === "binary" || folded === "nocase" || folded === "rtrim") return folded;
	throw sqlErrorAt(source, name.at, `no such collation sequence: ${name.text}`);
}

/** Where the text of an expression begins. */
export function startOf(expression: ExpressionNode): number {
	let node = expression;
	for (;;) {
		switch (node.type) {
			case "chain":
				node = node.first;
				break;
			case "and":
			case "or":
				if (node.operands[0] === undefined) return 0;
				node = node.operands[0];
				break;
			case "collate":
			case "bracket":
				node = node.operand;
				break;
			default:
				return node.at;
		}
	}
}
