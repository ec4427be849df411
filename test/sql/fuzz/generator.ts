/** What all parts of the generator share: the random numbers, the schema, the features, fresh names. */

import type { Random } from "../../support/random.js";
import type { Feature } from "./features.js";
import type { Schema } from "./schema-model.js";
import type { Tree } from "./tree.js";
import type { Hint } from "./values.js";

/** Something that an expression may name. */
export interface Named {
	readonly tree: Tree;
	readonly hint: Hint;
}

/** What can be selected from. */
export interface Relation {
	readonly name: string;
	readonly columns: readonly { readonly name: string; readonly hint: Hint }[];
	readonly rowid?: string | undefined;
	/** The stored tables that it reads. */
	readonly on: readonly string[];
}

export interface Scope {
	readonly columns: readonly Named[];
	/** Of the queries around: what a correlated subquery may name. */
	readonly outer: readonly Named[];
	readonly ctes: readonly Relation[];
	/** Tables that subqueries must not read, for the statement is changing them. */
	readonly forbidden: readonly string[];
	/** Inside are aggregates or windows: a subquery there would mean something else. */
	readonly closed?: true;
}

export const NO_SCOPE: Scope = { columns: [], outer: [], ctes: [], forbidden: [] };

export class Generator {
	readonly random: Random;
	readonly schema: Schema;
	readonly #features: ReadonlySet<Feature>;
	#aliases = 0;

	constructor(random: Random, schema: Schema, features: ReadonlySet<Feature>) {
		this.random = random;
		this.schema = schema;
		this.#features = features;
	}

	has(feature: Feature): boolean {
		return this.#features.has(feature);
	}

	/** True once in `times`, and only where the feature is in use. */
	chance(feature: Feature, times: number): boolean {
		return this.#features.has(feature) && this.random.once(times);
	}

	/** A name that nothing else in the statement has. */
	alias(prefix = "k"): string {
		return `${prefix}${this.#aliases++}`;
	}

	/** One of those whose features are in use, each as likely as its weight. */
	choose<Item>(choices: readonly (readonly [weight: number, item: Item, ...needs: Feature[]])[]): Item {
		const open = choices.filter(
			([weight, , ...needs]) => weight > 0 && needs.every((need) => this.#features.has(need)),
		);
		let at = this.random.below(open.reduce((sum, [weight]) => sum + weight, 0));
		for (const [weight, item] of open) {
			if (at < weight) return item;
			at -= weight;
		}
		throw new RangeError("nothing to choose from");
	}

	/** What can be read that is not among the forbidden tables. */
	relations(scope: Scope): Relation[] {
		const tables = this.schema.tables.map((table) => ({ ...table, on: [table.name] }));
		const all: Relation[] = [...tables, ...this.schema.views, ...scope.ctes, ...scope.ctes];
		return all.filter(({ on }) => !on.some((name) => scope.forbidden.includes(name)));
	}
}
