/** `wlsm typegen`: once, or as often as something changes. */

import { statSync } from "node:fs";
import { basename, dirname, resolve, sep } from "node:path";
import { errorText } from "../error-text.js";
import { ExitCode } from "../exit-code.js";
import { interruptible } from "../interruption.js";
import type { Output } from "../output.js";
import { visible } from "../output.js";
import type { GeneratedFile, Outcome } from "./generate.js";
import { type Listing, shownPath } from "./project.js";
import type { Asked } from "./request.js";
import { counted, list, lookAt, problemsText } from "./run.js";
import { Sources } from "./sources.js";
import { FolderWatch } from "./watch.js";
import { writeChanged } from "./write.js";

export async function runTypegen(asked: Asked, output: Output): Promise<ExitCode> {
	const outcome = await lookAt(asked);
	process.stderr.write(problemsText(outcome));
	await output.write(filesText(outcome, writeChanged(outcome.files)));
	return outcome.problems.length > 0 ? ExitCode.usage : ExitCode.done;
}

/** What could be described is written also where something else could not. */
function filesText({ files, queries, tables, sources }: Outcome, written: readonly GeneratedFile[]): string {
	const all = `${counted(tables, "table")}, ${counted(queries, "query")} in ${counted(sources, "file")}`;
	const lines = files.map((file) => {
		const done = written.includes(file) ? "is written" : "is up to date";
		return `${shownPath(file.path)} ${done}: ${all}\n`;
	});
	return lines.join("");
}

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx|sql|json)$/;

export async function watchTypegen(asked: Asked, output: Output): Promise<void> {
	const sources = new Sources();
	const schema = new Set(asked.schema.map((file) => resolve(file)));
	const database = schema.size === 0 ? resolve(asked.settings.text("db") ?? "") : undefined;
	const own = new Set([asked.out, asked.out.replace(/\.d\.ts$/, ".js")]);
	const others = [...[...schema].map((file) => dirname(file)), ...(database === undefined ? [] : [database])];
	const awaited = [...asked.paths.map((path) => resolve(path)), ...schema, ...others];
	const isAwaited = (path: string) => awaited.some((one) => one === path || one.startsWith(path + sep));
	// In a folder's name there may be anything: new folders count.
	const folders = new FolderWatch(
		(folder, name) =>
			name === undefined ||
			folder === database ||
			isAwaited(resolve(folder, name)) ||
			(!own.has(resolve(folder, name)) && (SOURCE.test(name) || !basename(name).includes("."))),
	);
	// What changed before it was watched is seen by another look.
	const look = (): Listing => {
		for (;;) {
			const listing = list(asked);
			if (!folders.follow([...new Set([...listing.folders, ...others.map(nearestFolder)])])) return listing;
		}
	};
	// What is wrong with the command line ends it.
	list(asked);
	const interruption = interruptible(() => folders.stop());
	let told = "";
	try {
		while (!interruption.signal.aborted) {
			let listing: Listing | undefined;
			let errors: string;
			let written: GeneratedFile[] = [];
			let files = "";
			try {
				listing = look();
				const outcome = await lookAt(asked, sources, listing);
				written = writeChanged(outcome.files);
				errors = problemsText(outcome);
				files = filesText(outcome, written);
			} catch (error) {
				// A file that is being written, a database that is not there yet: the next change may mend it.
				errors = `wlsm: ${visible(errorText(error))}\n`;
				// Of a folder that is gone, the one is watched in which it may come back.
				if (listing === undefined && folders.follow([...new Set(awaited.map(nearestFolder))])) continue;
			}
			// Databases change without changing their schema.
			if (written.length > 0 || errors + files !== told) {
				process.stderr.write(errors);
				await output.write(files);
			}
			told = errors + files.replaceAll("is written", "is up to date");
			await output.flush();
			await folders.change();
		}
	} finally {
		folders.close();
		interruption.end();
	}
}

/** The folder itself, or what there is of the path to it. */
function nearestFolder(path: string): string {
	let folder = path;
	while (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true && dirname(folder) !== folder)
		folder = dirname(folder);
	return folder;
}
