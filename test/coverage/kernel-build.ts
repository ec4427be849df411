import { mkdirSync, writeFileSync } from "node:fs";
import type { Parser } from "assemblyscript";
import { main, type Transform } from "assemblyscript/asc";
import { root } from "../support/sources.js";
import { markStatements, type Place } from "./marks.js";
import { hitsOf, kernelOf, placesOf } from "./paths.js";

/** Compiles the kernel with marks into `folder`, with the places of the marks and a file in which to note the hits. */
export async function buildMarkedKernel(folder: string): Promise<readonly Place[]> {
	let places: readonly Place[] = [];
	const marking: Pick<Transform, "afterParse"> = {
		afterParse: (parser: Parser) => {
			places = markStatements(parser);
		},
	};
	const { error, stderr } = await main(
		["assembly/index.ts", "--config", "asconfig.json", "--target", "coverage", "--baseDir", root],
		{
			// The rest of a transform is what the compiler gives to those that it makes itself.
			transforms: [marking as Transform],
			writeFile: (name, contents) => {
				if (!name.endsWith(".wasm")) return;
				mkdirSync(folder, { recursive: true });
				writeFileSync(kernelOf(folder), contents);
			},
		},
	);
	if (error !== null) throw new Error(`The marked kernel does not compile: ${stderr}`, { cause: error });
	writeFileSync(placesOf(folder), JSON.stringify(places));
	writeFileSync(hitsOf(folder), new Uint8Array(places.length));
	return places;
}
