/** Samples that are not run, and why. Anything else in the documents is. */

import type { Block } from "./blocks.js";

interface LeftOut {
	readonly document: string;
	/** What the block begins with, or a command of one for a Unix shell, the others of which are run. */
	readonly begins: readonly string[];
	readonly reason: string;
}

export const leftOut: readonly LeftOut[] = [
	{ document: "README.md", begins: ["npm ci && npm"], reason: "they build all of the project, and test it" },
	{ document: "docs/quick-start.md", begins: ["npm install wlsm"], reason: "no version is published yet" },
	{
		document: "docs/bundling.md",
		begins: ["npx esbuild"],
		reason: "test/package bundles with every bundler named there",
	},
	{
		document: "docs/CONTRIBUTING.md",
		begins: ["npm ci", "npm test", "npm run test:", "npm run check", "bash .ci/run"],
		reason: "they build all of the project, and test it",
	},
	{
		document: "docs/runtimes.md",
		begins: ["deno run", "bun node_modules"],
		reason: "test/runtimes runs what is installed in these, with the permissions of the page",
	},
	{
		document: "bench/README.md",
		begins: ["npm ci --prefix", "npm rebuild", "npm run build", "npm run bench"],
		reason: "they install other stores and measure for minutes",
	},
];

export function reasonFor({ document, text }: Pick<Block, "document" | "text">): string | undefined {
	const isIt = (one: LeftOut) => one.document === document && one.begins.some((begin) => text.startsWith(begin));
	return leftOut.find(isIt)?.reason;
}

/** Entries that nothing stands for any more, in documents that are there. */
export function unusedEntries(samples: readonly Pick<Block, "document" | "text">[]): string[] {
	const isThere = ({ document }: LeftOut) => samples.some((sample) => sample.document === document);
	return leftOut
		.filter(isThere)
		.flatMap(({ document, begins }) =>
			begins
				.filter((begin) => !samples.some((sample) => sample.document === document && sample.text.startsWith(begin)))
				.map((begin) => `${document}: ${begin}`),
		);
}
