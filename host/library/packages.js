import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import path from "node:path";
import { build } from "esbuild";

const load = createRequire(import.meta.url);

/** `require` of a module of Node becomes an import of it. */
const builtinsAsImports = {
	name: "builtins",
	setup({ onResolve, onLoad }) {
		onResolve({ filter: /./ }, ({ path: name, kind }) =>
			kind === "require-call" && isBuiltin(name)
				? { path: name.replace(/^node:/, ""), namespace: "builtin" }
				: undefined,
		);
		onLoad({ filter: /./, namespace: "builtin" }, ({ path: name }) => ({
			contents: `export * from "node:${name}";`,
			resolveDir: import.meta.dirname,
		}));
	},
};

/** Makes a module of ECMAScript of a package in CommonJS and of those it needs, with their licences at its head. */
export async function buildPackage(name, settings, outfile) {
	const names = Object.keys(load(name)).join(", ");
	const exported = names === "" ? `export { default } from "${name}";` : `export { ${names} } from "${name}";`;
	const { outputFiles, metafile } = await build({
		...settings,
		stdin: { contents: exported, resolveDir: import.meta.dirname },
		write: false,
		outfile,
		metafile: true,
		legalComments: "none",
		plugins: [builtinsAsImports],
	});
	await mkdir(path.dirname(outfile), { recursive: true });
	await writeFile(outfile, (await licencesOf(metafile, settings.absWorkingDir)) + outputFiles[0].text);
}

/** The licences of all packages in a bundle, as a comment that bundlers keep. */
async function licencesOf({ inputs }, directory) {
	const files = Object.keys(inputs).map((input) => path.resolve(directory, input));
	const folders = files.flatMap(
		(file) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(file)?.[0] ?? [],
	);
	const texts = [...new Set(folders)].map(async (folder) => {
		const { name, version } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
		const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
		if (file === undefined) throw new Error(`The package ${name} has no file with its licence.`);
		return `${name} ${version}\n\n${(await readFile(path.join(folder, file), "utf8")).trim()}`;
	});
	return `/*!\n${(await Promise.all(texts)).join("\n\n---\n\n").replaceAll("*/", "* /")}\n*/\n`;
}
