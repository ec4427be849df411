import { openEngine } from "../engine/open.js";
import { sqlOver } from "../open.js";
import type { ResolvedOptions } from "../options.js";
import type { MemoryStorage } from "../storage/index.js";
import { Facade } from "./facade.js";
import { FORMATS, type Format, type Formats } from "./formats.js";

type ByValues = { readonly [Values in Format]: Facade<unknown, unknown> };

/** An open database, as each pair of encodings sees it. */
export class Facades {
	readonly #facades: { readonly [Keys in Format]: ByValues };

	constructor(location: string, options: ResolvedOptions, memory: MemoryStorage) {
		const engine = openEngine(location, options, memory);
		const facade = (keyEncoding: Format, valueEncoding: Format) =>
			new Facade<unknown, unknown>(location, engine, { ...options, keyEncoding, valueEncoding }, sqlOver);
		const each = <Made>(make: (format: Format) => Made) =>
			Object.fromEntries(FORMATS.map((format) => [format, make(format)])) as { [Name in Format]: Made };
		this.#facades = each((keys) => each((values) => facade(keys, values)));
	}

	readonly of = ({ keyEncoding = "utf8", valueEncoding = "utf8" }: Formats): Facade<unknown, unknown> =>
		this.#facades[keyEncoding][valueEncoding];
}
