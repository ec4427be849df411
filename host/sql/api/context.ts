/** What a statement of a connection is planned with. */

import { ParameterList } from "../bind/parameters.js";
import type { Catalog } from "../catalog/catalog.js";
import type { FunctionRegistry } from "../function/registry.js";
import type { Source } from "../parse/source.js";
import type { PlanContext, TableSizes } from "../plan/context.js";
import { planSubquery } from "../plan/query.js";

export function contextFor(
	source: Source,
	catalog: Catalog,
	functions: FunctionRegistry,
	sizes?: TableSizes,
): PlanContext {
	return { source, catalog, functions, sizes, parameters: new ParameterList(), planSubquery };
}
