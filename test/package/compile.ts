/*
 * Compiles samples against the declarations of the package: node compile.js COMPILER FOLDER JOBS. Prints what the compiler finds fault
 * with, for each job, as JSON. One process for all jobs: most of their time is that of reading the same declarations.
 */
import path from "node:path";
import { toolModule } from "./package.js";

export interface CompileJob {
	readonly files: readonly string[];
	/** As in a tsconfig.json. */
	readonly options: Readonly<Record<string, unknown>>;
}

/** What is used of the module "typescript". */
interface Compiler {
	convertCompilerOptionsFromJson(
		options: object,
		folder: string,
	): { readonly options: object; readonly errors: object[] };
	createCompilerHost(options: object): Host;
	createProgram(files: readonly string[], options: object, host: Host): object;
	getPreEmitDiagnostics(program: object): readonly object[];
	formatDiagnostics(diagnostics: readonly object[], host: object): string;
}

interface Host {
	getSourceFile(name: string, ...others: unknown[]): object | undefined;
}

const [name = "", folder = "", jobs = "[]"] = process.argv.slice(2);
const { default: compiler } = (await toolModule(name)) as { readonly default: Compiler };
const parsed = new Map<string, object | undefined>();

function compile({ files, options: given }: CompileJob): string {
	const { options, errors } = compiler.convertCompilerOptionsFromJson(given, folder);
	const host = compiler.createCompilerHost(options);
	const { getSourceFile } = host;
	host.getSourceFile = (file, ...others) => {
		// The runtime's declarations are read the same way in all jobs.
		if (!/[\\/](?:lib\.[\w.]+|@types[\\/].*)\.d\.ts$/.test(file)) return getSourceFile(file, ...others);
		if (!parsed.has(file)) parsed.set(file, getSourceFile(file, ...others));
		return parsed.get(file);
	};
	const program = compiler.createProgram(
		files.map((file) => path.join(folder, file)),
		options,
		host,
	);
	return compiler.formatDiagnostics([...errors, ...compiler.getPreEmitDiagnostics(program)], {
		getCanonicalFileName: (file: string) => file,
		getCurrentDirectory: () => folder,
		getNewLine: () => "\n",
	});
}

console.log(JSON.stringify((JSON.parse(jobs) as CompileJob[]).map(compile)));
