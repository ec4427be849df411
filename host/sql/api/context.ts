/** What a statement of a connection is planned with. */

import { ParameterList } from "../bind/parameters.js";
import type { Catalog } from "../catalog/catalog.js";
import type { FunctionRegistry } from "../function/registry.js";
import type { ParameterNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import type { PlanContext, TableSizes } from "../plan/context.js";
import type { Guesses } from "../plan/guesses.js";
import { planSubquery } from "../plan/query.js";

/** What is known beside the text: its parameters, of which a text of the schema has none, their values, and how large tables are. */
interface Surroundings {
	readonly parameters?: readonly ParameterNode[] | undefined;
	readonly sizes?: TableSizes;
	readonly guesses?: Guesses | undefined;
}

export function contextFor(
	source: Source,
	catalog: Catalog,
	functions: FunctionRegistry,
	{ parameters = [], ...known }: Surroundings = {},
): PlanContext {
	return { source, catalog, functions, ...known, parameters: new ParameterList(parameters, source), planSubquery };
}
