/* The files that are installed: made of the compiled ones by host/library.js. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { open, openSync, WlsmError } from "wlsm";
import { instantiateKernel, kernelUrl } from "wlsm/kernel";
import { loadCsv } from "wlsm/load";
import { integer, table, text } from "wlsm/typed";
import { withDirectory } from "../support/database.js";
import { root } from "../support/sources.js";

const library = path.join(root, "dist/lib");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
	readonly bin: { readonly wlsm: string };
	readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
	readonly imports: Readonly<Record<string, { readonly module: string; readonly default: string }>>;
	readonly files: readonly string[];
	readonly dependencies: object;
};

const test = suite("the library as it is installed");

const IMPORTS =
	/\b(?:from|import)\s*\(?\s*["']([\w./@#-]+)["']|\bnew URL\(\s*["']([\w./@-]+)["'],\s*import\.meta\.url|\bload\d*\(\s*["']([\w./@-]+)["']\s*\)/g;

/** Of a module's name: with a scope two words, else one. */
function packageOf(name: string): string {
	return name
		.split("/")
		.slice(0, name.startsWith("@") ? 2 : 1)
		.join("/");
}

/** Has something for bundlers and something for others, each a file of its own or a dependency. */
function isImport(name: string): boolean {
	const { module = "", default: otherwise = "" } = manifest.imports[name] ?? {};
	return [module, otherwise].every((target) =>
		target.startsWith(".") ? existsSync(path.join(root, target)) : Object.hasOwn(manifest.dependencies, target),
	);
}

test("has all that its files ask for, or it is a dependency", () => {
	const names = readdirSync(library, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
	assert.ok(names.length > 20);
	const found: string[] = [];
	for (const name of names) {
		const file = path.join(library, name);
		for (const [, imported, beside, required] of readFileSync(file, "utf8").matchAll(IMPORTS)) {
			const wanted = (imported ?? beside ?? required) as string;
			if (wanted.startsWith("node:")) continue;
			found.push(wanted);
			if (wanted.startsWith("#")) {
				assert.ok(isImport(wanted), `${name} asks for ${wanted}`);
				continue;
			}
			const isFile = wanted.startsWith(".") || beside !== undefined;
			const isThere = isFile
				? existsSync(path.join(path.dirname(file), wanted)) || existsSync(path.join(library, "node_modules", wanted))
				: Object.hasOwn(manifest.dependencies, packageOf(wanted));
			assert.ok(isThere, `${name} asks for ${wanted}`);
		}
	}
	for (const wanted of [
		"./background-worker.js",
		"./bulk-worker.js",
		"./shell-worker.js",
		"./ts/kernel.js",
		"../kernel.wasm",
		"#artifact",
		"#csv-parser",
		"#abstract-level",
		"child.js",
		"yargs",
	])
		assert.ok(found.includes(wanted), `${wanted} is asked for`);
});

test("is what the package says", () => {
	const targets = Object.values(manifest.exports).flatMap((target) =>
		typeof target === "string" ? [target] : Object.values(target),
	);
	for (const target of [...targets, manifest.bin.wlsm]) assert.ok(existsSync(path.join(root, target)), target);
	const packed = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
		cwd: root,
		encoding: "utf8",
		shell: process.platform === "win32",
	});
	const [{ files }] = JSON.parse(packed.stdout) as [{ files: { path: string }[] }];
	const paths = files.map((file) => file.path);
	for (const target of [...targets, manifest.bin.wlsm]) assert.ok(paths.includes(path.posix.normalize(target)), target);
	assert.equal(
		paths.filter((file) => /\.(map|ts)$/.test(file) && !file.endsWith(".d.ts")),
		[],
	);
});

test("reads and writes, by both kernels and with threads", () =>
	withDirectory(async (directory) => {
		const file = path.join(directory, "rows.csv");
		const rows = Array.from({ length: 200_000 }, (_, i) => `${i},text number ${i},${i / 4}`);
		writeFileSync(file, `id,name,price\n${rows.join("\n")}\n`);
		for (const kernel of ["wasm", "ts"] as const) {
			const db = await open(path.join(directory, kernel), { kernel, memtableBytes: 1 << 16 });
			for (let i = 0; i < 5000; i++) db.putSync(`key ${i}`, `value ${i}`);
			await db.compact();
			assert.is(await db.get("key 4999"), "value 4999");
			const { loaded } = await loadCsv(db, file, { table: "t", parallel: 2 });
			assert.is(loaded, 200_000);
			assert.equal(db.sql.prepare("SELECT count(*), sum(price) FROM t").raw().get(), [200_000, 4_999_975_000]);
			assert.equal((await db.verify()).problems, []);
			await db.close();
		}
		assert.ok(existsSync(fileURLToPath(kernelUrl)));
		assert.type(instantiateKernel, "function");
	}));

test("has declared tables, over the same classes", () => {
	const db = openSync(":memory:");
	const users = table("users", { id: integer().primaryKey(), name: text().notNull() });
	users.create(db);
	assert.equal(users.insert(db, { name: "Ada" }), { id: 1, name: "Ada" });
	assert.throws(
		() => users.where({ id: undefined as never }),
		(error: unknown) => error instanceof WlsmError,
	);
	db.closeSync();
});

test("has the command line", () =>
	withDirectory((directory) => {
		const wlsm = (...words: string[]) =>
			spawnSync(process.execPath, [path.join(root, manifest.bin.wlsm), ...words, "--db", path.join(directory, "db")], {
				encoding: "utf8",
			});
		assert.is(wlsm("put", "a", "b").status, 0);
		assert.is(wlsm("get", "a").stdout, "b\n");
		assert.match(wlsm("query", "SELECT key || value AS both FROM kv", "--format", "csv").stdout, /^both\r?\nab\r?\n$/);
		assert.match(wlsm("--version").stdout, /^\d+\.\d+\.\d+/);
		assert.is(wlsm("get", "absent").status, 1);
		assert.is(wlsm("nothing").status, 2);
	}));

test.run();
