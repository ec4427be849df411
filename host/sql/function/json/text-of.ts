import { toText } from "../../value/convert.js";
import type { JsonValue } from "./subtype.js";
import { withoutJson } from "./subtype.js";

/** An argument as text; an argument that is not there is NULL. */
export function textOf(value: JsonValue | undefined): string | null {
	return value === undefined ? null : toText(withoutJson(value));
}
