/** All built-in scalar functions. */

import { CORE_FUNCTIONS } from "./core.js";
import { DATE_FUNCTIONS } from "./date/functions.js";
import { byName } from "./definition.js";
import { JSON_FUNCTIONS } from "./json/functions.js";
import { MATH_FUNCTIONS } from "./math.js";
import { TEXT_FUNCTIONS } from "./text.js";

export type { FunctionContext, ScalarFunction } from "./definition.js";
export { CASE_SENSITIVE_LIKE, escapeCharacter, GLOB, LIKE } from "./text.js";

/** By name. The names are in lower case. */
export const SCALAR_FUNCTIONS = byName([
	...CORE_FUNCTIONS,
	...TEXT_FUNCTIONS,
	...MATH_FUNCTIONS,
	...DATE_FUNCTIONS,
	...JSON_FUNCTIONS,
]);
