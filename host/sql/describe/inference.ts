/** What the parts of one statement's inference share. */

import type { StoredTable } from "../catalog/table.js";
import type { PlanContext } from "../plan/context.js";
import type { Recursion, SharedQuery } from "../plan/logical.js";
import type { Environment, SourceTypes } from "./environment.js";
import type { Use } from "./parameters.js";
import { ParameterUses } from "./parameters.js";
import type { ValueType } from "./value-type.js";
import { ANYTHING, NUMBER } from "./value-type.js";

type SharedTypes = Map<SharedQuery, Map<readonly ValueType[], readonly ValueType[]>>;

export class Inference {
	readonly context: PlanContext;
	/** What recursive queries have been found to give so far. */
	readonly recursions = new Map<Recursion, readonly ValueType[]>();
	/** Queries of WITH that stand in several places, by the outer values that they were seen with. */
	#shared: SharedTypes = new Map();
	/** Of queries inside expressions, by their ids: several expressions may each be one of a query's columns. */
	readonly queries = new Map<object, { readonly names: Environment; readonly types: readonly ValueType[] }>();
	readonly tables = new Map<StoredTable, SourceTypes>();
	readonly #parameters: readonly ValueType[];
	readonly #uses: ParameterUses;
	#isPreliminary = false;

	/** `parameters`: what they are, where that is known already. */
	constructor(context: PlanContext, parameters: readonly ValueType[] = []) {
		this.context = context;
		this.#parameters = parameters;
		this.#uses = new ParameterUses(context.parameters.names.length);
	}

	/** What the parameters are meant to be, by the places that were seen. */
	get parameterTypes(): ValueType[] {
		return this.#uses.types();
	}

	/** JavaScript's numbers are bound as REALs. */
	parameter(index: number): ValueType {
		const type = this.#parameters[index] ?? ANYTHING;
		return (type.classes & NUMBER) === 0 ? type : { ...type, classes: type.classes | NUMBER };
	}

	use(index: number, use: Use): void {
		if (!this.#isPreliminary) this.#uses.add(index, use);
	}

	sharedTypes(
		query: SharedQuery,
		outer: readonly ValueType[],
		infer: () => readonly ValueType[],
	): readonly ValueType[] {
		const known = this.#shared.get(query) ?? new Map<readonly ValueType[], readonly ValueType[]>();
		this.#shared.set(query, known);
		const found = known.get(outer) ?? infer();
		known.set(outer, found);
		return found;
	}

	/** For types that are not final yet: what they say of parameters would be too narrow. */
	preliminarily<T>(body: () => T): T {
		const [before, shared] = [this.#isPreliminary, this.#shared];
		this.#isPreliminary = true;
		this.#shared = new Map([...shared].map(([query, known]) => [query, new Map(known)]));
		try {
			return body();
		} finally {
			this.#isPreliminary = before;
			this.#shared = shared;
		}
	}
}
