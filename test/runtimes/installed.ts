/** An application with the package as npm would install it, and what that depends on, in a folder of its own. */

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/sources.js";

export interface Application {
	readonly folder: string;
	/** A copy of app.js. */
	readonly program: string;
	readonly commandLine: string;
	/** A file of CSV that is large enough for threads. */
	readonly csv: string;
}

export const CSV_ROWS = 120_000;

interface Lock {
	readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
}

export function installApplication(folder: string): Application {
	const modules = join(folder, "node_modules");
	const own = join(modules, "wlsm");
	mkdirSync(own, { recursive: true });
	for (const file of ["package.json", "dist/lib", "dist/kernel.wasm"]) {
		cpSync(join(root, file), join(own, file), { recursive: true });
	}
	const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
	for (const [path, { dev, devOptional }] of Object.entries(packages)) {
		// Packages within packages come with these.
		if (dev !== true && devOptional !== true && /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path)) {
			cpSync(join(root, path), join(folder, path), { recursive: true });
		}
	}
	writeFileSync(
		join(folder, "package.json"),
		JSON.stringify({ name: "app", type: "module", private: true, dependencies: { wlsm: "0.1.0" } }),
	);
	const program = join(folder, "app.js");
	cpSync(join(root, "test/runtimes/app.js"), program);
	const csv = join(folder, "rows.csv");
	const rows = Array.from({ length: CSV_ROWS }, (_, i) => `${i},the name of row ${i},${i / 4}`);
	writeFileSync(csv, `id,name,price\n${rows.join("\n")}\n`);
	return { folder, program, csv, commandLine: join(own, "dist/lib/wlsm.js") };
}
