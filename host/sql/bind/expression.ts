/** Binds expressions: names become positions, comparisons learn their affinity and collation. */

import type { WlsmError } from "../../errors.js";
import { ARROW, ARROW_TEXT } from "../function/json/functions.js";
import type { JsonKind } from "../function/json/subtype.js";
import type { FunctionRegistry } from "../function/registry.js";
import type { FunctionContext } from "../function/scalar.js";
import type { ChainStep, ColumnNode, ExpressionNode, SelectNode, WindowNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt, suggestion } from "../parse/source.js";
import { foldCase } from "../value/compare.js";
import type { Affinity } from "../value/convert.js";
import { affinityOfType } from "../value/convert.js";
import type { Value } from "../value/value.js";
import type { Bound, BoundAggregate, BoundWindow, CollationRank, CompareOperator, PlannedQuery } from "./bound.js";
import { affinityOf, coercionOf, collationOf, compareBound, comparison, comparisonCollation } from "./bound.js";
import { bindCall } from "./call.js";
import {
	blobLiteral,
	isAlwaysFalse,
	isLeastHexadecimal,
	isLeastInteger,
	LEAST_INTEGER,
	numberLiteral,
} from "./literal.js";
import type { ParameterList } from "./parameters.js";
import { bindPattern } from "./pattern.js";
import { collationNamed, startOf, unsupported } from "./place.js";
import {
	bindExists,
	bindInQuery,
	bindInTable,
	bindRow,
	bindRowStep,
	bindScalarQuery,
	isComparison,
	isRowNode,
} from "./row.js";
import type { Captures, Lookup, Scope } from "./scope.js";
import { isLiteral, walk } from "./traverse.js";
import { lastTruth, truthOf, truthTest } from "./truth.js";

/** A planned query and what its columns bring into comparisons. */
export interface PlannedColumns extends PlannedQuery {
	readonly columns: readonly {
		readonly affinity: Affinity | null;
		readonly collation: CollationRank | null;
		readonly json: JsonKind | undefined;
	}[];
}

export interface BindContext {
	readonly source: Source;
	readonly parameters: ParameterList;
	readonly functions: FunctionRegistry;
	/** RAISE may stand here. */
	readonly inTrigger?: boolean | undefined;
	/** Also what is never evaluated, as in `x AND 0`: ALTER TABLE asks whether texts can be understood. */
	readonly bindsAll?: boolean | undefined;
	/** The text is the schema's, of something that is not temporary: the database may come from elsewhere, and it with it. */
	readonly ofSchema?: boolean | undefined;
	/** What the query that is being bound takes from outside; absent in a statement of its own. */
	readonly captures?: Captures | undefined;
	/** Plans a query that stands inside an expression; absent where none may stand, as in CHECK. */
	readonly planSubquery?: ((node: SelectNode, captures: Captures, context: BindContext) => PlannedColumns) | undefined;
}

/** What may stand in an expression beside columns and scalar calls, by its clause. */
export interface BindOptions {
	/** The query's aggregate calls; absent where none may stand. */
	readonly aggregates?: BoundAggregate[] | undefined;
	/** The query's window function calls; absent where none may stand. */
	readonly windows?: BoundWindow[] | undefined;
	/** Of the WINDOW clause, by folded name. */
	readonly namedWindows?: ReadonlyMap<string, WindowNode> | undefined;
	/** Result columns that may be named in this place, by folded alias. */
	readonly aliases?: Pick<ReadonlyMap<string, Bound>, "get"> | undefined;
}

/** A comparison of comparisons nests; a longer chain than this is refused, as in SQLite. */
const MAX_COMPARISONS = 1000;

export class ExpressionBinder {
	readonly context: BindContext;
	readonly options: BindOptions;
	readonly #scope: Scope;
	readonly #rows = new Map<ExpressionNode, readonly Bound[]>();
	/** The call whose arguments are being bound: no aggregate stands inside an aggregate. */
	inside: "aggregate" | "window" | null = null;

	constructor(context: BindContext, scope: Scope, options: BindOptions = {}) {
		this.context = context;
		this.options = options;
		this.#scope = scope;
	}

	bind(node: ExpressionNode): Bound {
		switch (node.type) {
			case "number":
				return { kind: "constant", value: numberLiteral(node, this.context.source) };
			case "string":
				return { kind: "constant", value: node.value };
			case "blob":
				return { kind: "constant", value: blobLiteral(node.hex) };
			case "null":
				return { kind: "constant", value: null };
			case "now":
				return this.#now(node.unit);
			case "parameter":
				return { kind: "parameter", index: this.context.parameters.indexOf(node, this.context.source) };
			case "column":
				return this.#column(node);
			case "call":
				return bindCall(this, node);
			case "unary":
				return this.#unary(node);
			case "chain":
				return this.#chain(node.first, node.rest);
			case "and":
				if (isAlwaysFalse(node) && this.context.bindsAll !== true) return { kind: "constant", value: 0 };
				return { kind: "and", operands: node.operands.map((operand) => this.bind(operand)) };
			case "or":
				return { kind: "or", operands: node.operands.map((operand) => this.bind(operand)) };
			case "collate":
				return this.#collate(node);
			case "bracket":
				return this.bind(node.operand);
			case "case":
				return this.#case(node);
			case "cast":
				return { kind: "cast", operand: this.bind(node.operand), affinity: affinityOfType(node.typeName) };
			case "row":
				throw this.error(node.at, "row value misused");
			case "subquery":
				return bindScalarQuery(this, node);
			case "rowItem":
				return this.#rowItem(node);
			case "position":
				return this.#scope.column(0, node.column);
			case "exists":
				return bindExists(this, node);
			case "raise":
				if (this.context.inTrigger !== true)
					throw this.error(node.at, "RAISE() may only be used within a trigger-program");
				return { kind: "raise", action: node.action, message: node.message };
			case "unsupported":
				throw unsupported(this.context.source, node.at, node.feature);
		}
	}

	/** All values of a row are of the same query. */
	#rowItem(node: ExpressionNode & { type: "rowItem" }): Bound {
		let values = this.#rows.get(node.row);
		if (values === undefined) {
			values = bindRow(this, node.row);
			this.#rows.set(node.row, values);
		}
		if (values.length !== node.width) {
			throw this.error(node.at, `${node.width} columns assigned ${values.length} values`);
		}
		return values[node.index] as Bound; // width values
	}

	error(at: number, message: string): WlsmError {
		return sqlErrorAt(this.context.source, at, message);
	}

	#now(unit: "current_timestamp" | "current_date" | "current_time"): Bound {
		const text = (_values: readonly Value[], functions: FunctionContext): string => {
			const moment = new Date(functions.now?.() ?? Date.now());
			const [date = "", time = ""] = moment.toISOString().slice(0, 19).split("T");
			return unit === "current_date" ? date : unit === "current_time" ? time : `${date} ${time}`;
		};
		const clock = {
			name: unit,
			minimum: 0,
			maximum: 0,
			deterministic: true,
			readsClock: "always",
			call: text,
		} as const;
		return { kind: "call", function: clock, arguments: [], collation: "binary" };
	}

	/** Of several COLLATEs behind one another the last one counts. */
	#collate(node: ExpressionNode & { type: "collate" }): Bound {
		const collation = collationNamed(this.context.source, node.collation);
		let operand = node.operand;
		for (; operand.type === "collate"; operand = operand.operand)
			collationNamed(this.context.source, operand.collation);
		return { kind: "collate", operand: this.bind(operand), collation };
	}

	/** The name here or in an enclosing query; there it becomes a capture. */
	resolve(tableName: string | null, name: string): Lookup {
		const found = this.#scope.lookup(tableName, name);
		if (found !== "absent") return found;
		const alias = tableName === null ? this.options.aliases?.get(foldCase(name)) : undefined;
		if (alias !== undefined) return alias;
		const { captures } = this.context;
		const outside = captures?.enclosing.resolve(tableName, name) ?? "absent";
		if (captures === undefined || outside === "absent" || outside === "ambiguous") return outside;
		return captures.take(outside);
	}

	columnNames(): string[] {
		return [...this.#scope.columnNames(), ...(this.context.captures?.enclosing.columnNames() ?? [])];
	}

	#column(node: ColumnNode): Bound {
		const { name, table } = node;
		const found = this.resolve(table?.text ?? null, name.text);
		const written = `${node.schema === null ? "" : `${node.schema.text}.`}${table === null ? "" : `${table.text}.`}${name.text}`;
		if (found === "ambiguous") throw this.error(node.at, `ambiguous column name: ${written}`);
		if (found !== "absent") {
			const alias = table === null ? this.options.aliases?.get(foldCase(name.text)) : undefined;
			return found === alias ? this.#aliased(found, node) : found;
		}
		if (table === null) {
			// SQLite's rule for double quotes: a column if there is one, else a string.
			if (name.quote === '"') return { kind: "constant", value: name.text };
			if (name.quote === "" && /^(true|false)$/i.test(name.text)) {
				return { kind: "constant", value: foldCase(name.text) === "true" ? 1 : 0 };
			}
		}
		throw this.error(node.at, `no such column: ${written}${suggestion(name.text, this.columnNames())}`);
	}

	#aliased(alias: Bound, node: ColumnNode): Bound {
		const { aggregates, windows } = this.options;
		walk(alias, (part) => {
			if (part.kind === "aggregate" && (aggregates === undefined || this.inside === "aggregate")) {
				throw this.error(node.at, `misuse of aliased aggregate ${node.name.text}`);
			}
			if (part.kind === "window" && (windows === undefined || this.inside !== null)) {
				throw this.error(node.at, `misuse of aliased window function ${node.name.text}`);
			}
		});
		return alias;
	}

	#unary(node: ExpressionNode & { type: "unary" }): Bound {
		const { operators, operand } = node;
		if (operators.at(-1) === "-") {
			if (isLeastHexadecimal(operand)) throw this.error(startOf(operand), "hex literal too big: -0x8000000000000000");
			if (isLeastInteger(operand)) {
				const least: Bound = { kind: "constant", value: LEAST_INTEGER };
				return operators.length === 1 ? least : { kind: "unary", operators: operators.slice(0, -1), operand: least };
			}
		}
		return { kind: "unary", operators, operand: this.bind(operand) };
	}

	#chain(first: ExpressionNode, rest: readonly ChainStep[]): Bound {
		let steps = rest;
		let left: Bound;
		const truth = lastTruth(rest);
		if (truth !== undefined) {
			left = { kind: "constant", value: truth.value };
			steps = rest.slice(truth.at + 1);
		} else if (isRowNode(first)) {
			left = bindRowStep(this, bindRow(this, first), rest[0] as ChainStep, first); // a chain has at least one step
			steps = rest.slice(1);
		} else {
			left = this.bind(first);
		}
		let depth = 0;
		for (const step of steps) {
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
					left = jsonCall(step.operator, left, this.bind(step.right));
					continue;
				default:
					if (++depth > MAX_COMPARISONS) {
						throw this.error(startOf(first), `Expression tree is too large (maximum depth ${MAX_COMPARISONS})`);
					}
					left = this.#step(left, step);
			}
		}
		return left;
	}

	#step(left: Bound, step: ChainStep): Bound {
		if (isComparison(step)) return this.#compare(left, step.operator, step.right);
		switch (step.operator) {
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
			case "regexp":
			case "match":
				return bindPattern(this, left, step);
			case "inList": {
				const list = step.list.map((item) => this.bind(item));
				const [only] = list;
				return {
					kind: "in",
					operand: left,
					list,
					negated: step.negated,
					coercion: coercionOf(affinityOf(left)),
					// One constant compares as with `=`: its collation counts.
					collation:
						only !== undefined && list.length === 1 && isLiteral(only)
							? comparisonCollation(left, only)
							: (collationOf(left)?.collation ?? "binary"),
				};
			}
			case "inQuery":
				return bindInQuery(this, [left], step);
			case "inTable":
				return bindInTable(this, [left], step);
			default:
				throw new Error(`no binding for the operator ${step.operator}`);
		}
	}

	#compare(left: Bound, operator: CompareOperator, rightNode: ExpressionNode): Bound {
		// `x IS TRUE` asks for truth, not for 1.
		if (operator === "is" || operator === "is not") {
			const truth = truthOf(this, rightNode);
			if (truth !== null) return truthTest(left, truth, operator === "is not");
		}
		if (isRowNode(rightNode)) throw this.error(startOf(rightNode), "row value misused");
		const right = this.bind(rightNode);
		if (right.kind === "constant" && right.value === null && (operator === "is" || operator === "is not")) {
			return { kind: "isNull", operand: left, negated: operator === "is not" };
		}
		return compareBound(operator, left, right);
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
}

function jsonCall(operator: "->" | "->>", left: Bound, right: Bound): Bound {
	const called = operator === "->" ? ARROW : ARROW_TEXT;
	return { kind: "call", function: called, arguments: [left, right], collation: "binary" };
}
