/** Everything between the files of a project and what is generated of them. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { SqlDatabase, StatementDescription } from "../../host/index.js";
import type { Settings } from "../settings.js";
import { describeFound, describeNamed } from "./describe.js";
import type { FoundFunction } from "./find.js";
import { namesOf, type QueryFunction } from "./functions.js";
import { openSchema } from "./open-schema.js";
import type { PlacedFile, Problem } from "./problem.js";
import { inOrder } from "./problem.js";
import { type Listing, shownPath } from "./project.js";
import { type Generated, javascriptText, typescriptText } from "./render.js";
import { readSchema } from "./schema.js";
import type { ReadFile, Sources } from "./sources.js";
import type { FileQuery } from "./sql-file.js";
import { isGenerated } from "./write.js";

export interface Request {
	/** Files of SQL that make the schema; none where it is that of the database. */
	readonly schema: readonly string[];
	readonly settings: Settings;
	/** Where the declarations go. */
	readonly out: string;
}

export interface GeneratedFile {
	readonly path: string;
	readonly text: string;
}

export interface Outcome {
	readonly problems: readonly Problem[];
	/** Things that people should know. */
	readonly notes: readonly string[];
	/** Where the schema is as it should be. */
	readonly files: readonly GeneratedFile[];
	readonly queries: number;
	/** Files that have queries. */
	readonly sources: number;
	readonly tables: number;
}

export async function generate(request: Request, listing: Listing, sources: Sources): Promise<Outcome> {
	const isSchema = new Set(request.schema.map((file) => resolve(file)));
	const read = listing.files.filter((path) => !isSchema.has(path)).flatMap((path) => sources.read(path) ?? []);
	const found = read.flatMap((one) => (one.kind === "source" ? [one.found] : []));
	const opened = await openSchema(request, functionsOf(found.flatMap(({ functions }) => functions)));
	if (opened.kind === "wrong") return { ...NOTHING, problems: opened.problems };
	const { db } = opened;
	try {
		const { tables, notes } = readSchema(db.sql);
		const { problems, queries, functions, count, files } = describeAll(db.sql, read);
		const generated: Generated = {
			tables,
			declaredTables: new Set(found.flatMap(({ declaredTables }) => declaredTables)),
			queries,
			functions,
			usesKysely: found.some(({ importsKysely }) => importsKysely) || dependsOnKysely(request.out),
		};
		return {
			problems: inOrder(problems),
			notes,
			files: filesOf(request.out, generated),
			queries: count,
			sources: files,
			tables: tables.length,
		};
	} finally {
		await db.close();
	}
}

const NOTHING: Outcome = { problems: [], notes: [], files: [], queries: 0, sources: 0, tables: 0 };

/** One definition for each name; a name that is both is an aggregate, which can stand in more places. */
function functionsOf(found: readonly FoundFunction[]): FoundFunction[] {
	const kinds = new Map<string, FoundFunction["kind"]>();
	for (const { name, kind } of found) if (kinds.get(name) !== "aggregate") kinds.set(name, kind);
	return [...kinds].map(([name, kind]) => ({ name, kind }));
}

interface Described {
	readonly problems: Problem[];
	readonly queries: ReadonlyMap<string, StatementDescription>;
	readonly functions: readonly QueryFunction[];
	readonly count: number;
	readonly files: number;
}

function describeAll(sql: SqlDatabase, read: readonly ReadFile[]): Described {
	const problems: Problem[] = [];
	const queries = new Map<string, StatementDescription>();
	const functions: QueryFunction[] = [];
	const names = new Map<string, { readonly query: FileQuery; readonly file: PlacedFile }>();
	let count = 0;
	let files = 0;
	for (const { kind, file, found } of read) {
		count += found.queries.length;
		if (found.queries.length > 0) files++;
		if (kind === "source") {
			for (const query of found.queries) {
				const answer = describeFound(sql, query, file);
				if (answer.kind === "wrong") problems.push(answer.problem);
				else if (answer.kind === "described" && query.isLiteral) queries.set(query.text, answer.description);
			}
			continue;
		}
		problems.push(...found.problems.map((problem) => ({ file, ...problem })));
		for (const query of found.queries) {
			const taken = namesOf(query).flatMap((name) => names.get(name) ?? [])[0];
			if (taken !== undefined) {
				const message = `${query.name} is in the way of ${taken.query.name} in ${shownPath(taken.file.path)}: give one another name`;
				problems.push({ file, offset: query.at, message });
				continue;
			}
			for (const name of namesOf(query)) names.set(name, { query, file });
			const answer = describeNamed(sql, query, file);
			if (answer.kind === "wrong") problems.push(answer.problem);
			else if (answer.kind === "described") functions.push({ query, description: answer.description });
		}
	}
	return { problems, queries, functions, count, files };
}

function filesOf(out: string, generated: Generated): GeneratedFile[] {
	if (!out.endsWith(".d.ts")) return [{ path: out, text: typescriptText(generated, "module") }];
	const script = { path: out.replace(/\.d\.ts$/, ".js"), text: javascriptText(generated) };
	// Functions that are there no more do not stay behind.
	const isNeeded = generated.functions.length > 0 || isGenerated(script.path);
	return [{ path: out, text: typescriptText(generated, "declarations") }, ...(isNeeded ? [script] : [])];
}

/** The package around the generated file names it among those that it needs. */
function dependsOnKysely(out: string): boolean {
	for (let folder = dirname(out); ; folder = dirname(folder)) {
		const path = join(folder, "package.json");
		if (existsSync(path)) {
			try {
				const { dependencies, devDependencies, peerDependencies } = JSON.parse(readFileSync(path, "utf8"));
				return "kysely" in { ...dependencies, ...devDependencies, ...peerDependencies };
			} catch {
				return false; // what is wrong with it is for others to say
			}
		}
		if (folder === dirname(folder)) return false;
	}
}
