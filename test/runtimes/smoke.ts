/** What is installed, in one runtime: library, threads, loads and the command line, under the permissions that the document states. */

import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Application, CSV_ROWS } from "./installed.js";
import { type Outcome, outcome } from "./outcome.js";
import { oneLess, type Places, permissionsFor, type Use } from "./permissions.js";
import { type Ended, run, type Script } from "./process.js";
import type { Runtime } from "./runtimes.js";

interface Step {
	readonly name: string;
	readonly use: Use;
	readonly words: readonly string[];
	/** Its database. */
	readonly data: string;
	/** Of what it prints. */
	readonly says: RegExp;
}

/** The places and steps of one runtime. */
export class Smoke {
	readonly #runtime: Runtime;
	readonly #application: Application;
	readonly #temporary: string;
	readonly #folder: string;
	/** The database that other runtimes open. */
	readonly database: string;

	constructor(runtime: Runtime, application: Application, temporary: string) {
		this.#runtime = runtime;
		this.#application = application;
		this.#temporary = temporary;
		this.#folder = join(application.folder, runtime.name.replace(" ", "-"));
		this.database = join(this.#folder, "data");
		mkdirSync(this.#folder);
	}

	async run(): Promise<Outcome[]> {
		const outcomes: Outcome[] = [];
		for (const step of this.#steps()) outcomes.push(await this.#judged(step));
		outcomes.push(await this.#killed());
		return this.#runtime.isDeno ? [...outcomes, ...(await this.#lessAllowed())] : outcomes;
	}

	/** Opens the databases of others. */
	others(databases: readonly string[]): Promise<Outcome> {
		// All of them lie below it.
		const ended = this.#script("the library", ["others", ...databases], this.#application.folder);
		return this.#outcome("databases of the other runtimes", ended, ({ code }) => code === 0);
	}

	/** With any one thing allowed less it fails, with an error that says which. */
	async #lessAllowed(): Promise<Outcome[]> {
		const outcomes: Outcome[] = [];
		for (const step of this.#steps()) {
			if (!STRICT.has(step.name)) continue;
			for (const { without, flags } of oneLess(permissionsFor(step.use, this.#places(step.data)))) {
				const shown = without.replace(this.#application.folder, "");
				const ended = run(this.#runtime, { ...this.#plan(step.words), permissions: flags });
				const isRefused = ({ code, output }: Ended) =>
					code !== 0 && code !== null && /Requires (?:read|write|sys|env) access to/.test(output);
				outcomes.push(await this.#outcome(`${step.name} without ${shown}`, ended, isRefused));
			}
		}
		return outcomes;
	}

	#steps(): readonly Step[] {
		const { csv } = this.#application;
		const step = (name: string, use: Use, data: string, ...more: string[]): Step => {
			return { name, use, data, words: [name, data, ...more], says: /: done\n$/ };
		};
		const command = (name: string, words: readonly string[], says: RegExp): Step => {
			const data = join(this.#folder, "command-line");
			return { name: `wlsm ${name}`, use: "the command line", data, words: [name, ...words, "--db", data], says };
		};
		const { database } = this;
		return [
			step("memory", "in memory", database),
			step("library", "the library", database),
			step("read", "reading only", database),
			step("level", "the library", `${database}-level`),
			step("stores", "the library", `${database}-stores`),
			step("typed", "the library", `${database}-typed`),
			step("kernel", "in memory", database),
			step("worker", "the library", `${database}-worker`),
			step("load", "loads", `${database}-load`, csv, String(CSV_ROWS)),
			step("stream", "loads by way of a temporary file", `${database}-load`),
			command("put", ["a key", "a value"], /^$/),
			command("get", ["a key"], /^a value\n$/),
			command("load", [csv, "--table", "rows", "--parallel", "2"], /^120000 of 120000 rows loaded/),
			command("query", ["SELECT count(*) AS n, max(id) AS m FROM rows"], /^n,m\r?\n120000,119999\r?\n$/),
			command("stats", [], /kernel wasm/),
		];
	}

	#judged({ name, use, words, data, says }: Step): Promise<Outcome> {
		return this.#outcome(name, this.#script(use, words, data), ({ code, answer }) => code === 0 && says.test(answer));
	}

	/** A living writer keeps everybody out, and a killed one nobody. */
	async #killed(): Promise<Outcome> {
		const place = `${this.database}-killed`;
		const take = () => this.#script("the library", ["take", place], place);
		let beside: Ended | undefined;
		const work = async () => {
			beside = await take();
		};
		const held = await this.#script("the library", ["hold", place], place, { meanwhile: { said: "held\n", work } });
		const isLeft = existsSync(join(place, "LOCK"));
		const isKeptOut = beside?.code !== 0 && /WLSM_LOCKED|in use by the process/.test(beside?.output ?? "");
		return this.#outcome("a killed writer", take(), ({ code }) => {
			return code === 0 && held.code === null && isLeft && isKeptOut;
		});
	}

	#places(data: string): Places {
		const { folder, csv } = this.#application;
		return {
			DATA: data,
			FOLDER: dirname(data),
			FILES: csv,
			TEMPORARY: this.#temporary,
			PACKAGE: join(folder, "node_modules/wlsm"),
			MODULES: join(folder, "node_modules"),
		};
	}

	#script(use: Use, words: readonly string[], data: string, more: Partial<Script> = {}): Promise<Ended> {
		const permissions = this.#runtime.isDeno ? permissionsFor(use, this.#places(data)) : [];
		return run(this.#runtime, { ...this.#plan(words), permissions, ...more });
	}

	#plan(words: readonly string[]): Omit<Script, "permissions"> {
		const { folder, program, commandLine } = this.#application;
		const script = words.includes("--db") ? commandLine : program;
		return { words: [script, ...words], cwd: folder, temporary: this.#temporary };
	}

	async #outcome(name: string, work: Promise<Ended>, isRight: (ended: Ended) => boolean): Promise<Outcome> {
		const ended = await work;
		const facts = isRight(ended) ? { passed: 1 } : { failed: 1 };
		return outcome(this.#runtime.name, name, { ...facts, seconds: ended.seconds, output: ended.output });
	}
}

/** Steps that are tried with less allowed: one of each use. */
const STRICT = new Set(["memory", "library", "read", "load", "stream", "wlsm load"]);
