/** What a statement of a connection is planned with. */

import { ParameterList } from "../bind/parameters.js";
import type { Catalog } from "../catalog/catalog.js";
import type { FunctionRegistry } from "../function/registry.js";
import type { ParameterNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import type { PlanContext } from "../plan/context.js";
import { planSubquery } from "../plan/query.js";

/** `parameters`: those of the statement's text; a text of the schema has none. */
export function contextFor(
	source: Source,
	catalog: Catalog,
	functions: FunctionRegistry,
	parameters: readonly ParameterNode[] = [],
): PlanContext {
	return { source, catalog, functions, parameters: new ParameterList(parameters, source), planSubquery };
}
