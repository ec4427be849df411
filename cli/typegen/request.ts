/** What a command line and the settings say about types of queries. */

import { resolve } from "node:path";
import type { Options } from "yargs";
import type { Arguments } from "../arguments.js";
import { valueOption } from "../command.js";
import { UsageError } from "../exit-code.js";
import type { Settings } from "../settings.js";
import type { Request } from "./generate.js";

export const DEFAULT_OUT = "wlsm-queries.d.ts";

/** Options of both commands. */
export const schemaOptions = {
	schema: {
		describe: "File of SQL that makes the schema, in the place of the database; may be repeated",
		type: "string",
		array: true,
		nargs: 1,
	},
	ignore: {
		describe: "Pattern of files and folders to leave out, such as 'test/**'; may be repeated",
		type: "string",
		array: true,
		nargs: 1,
	},
} as const satisfies Readonly<Record<string, Options>>;

export function outOption(description: string): Options {
	return valueOption(description);
}

/** Where to look, and with what. */
export interface Asked extends Request {
	readonly paths: readonly string[];
	readonly ignored: readonly string[];
	/** The file that is to be written, or compared, where somebody has named one. */
	readonly namedOut: string | undefined;
}

export function askedOf(args: Arguments, settings: Settings): Asked {
	const given = args.list("schema");
	if (given.length > 0 && args.text("db") !== undefined)
		throw new UsageError("The schema is that of --db or what --schema makes, not both");
	const configured = args.text("db") === undefined ? settings.text("typesSchema") : undefined;
	const schema = given.length > 0 ? given : configured === undefined ? [] : [configured];
	const namedOut = args.text("out") ?? settings.text("typesOut");
	const out = resolve(namedOut ?? DEFAULT_OUT);
	if (!/\.[cm]?ts$/.test(out) || /\.d\.[cm]ts$/.test(out))
		throw new UsageError(`--out must name a .d.ts or a .ts, not ${JSON.stringify(namedOut)}`);
	const paths = args.list("paths");
	const ignored = args.list("ignore");
	return {
		schema,
		settings,
		out,
		namedOut: namedOut === undefined ? undefined : out,
		paths: paths.length === 0 ? ["."] : paths,
		ignored: ignored.length > 0 ? ignored : (settings.text("typesIgnore")?.split(/[\s,]+/) ?? []),
	};
}
