/* What is in the tarball, and what its package.json says. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bundles, isOver } from "../../bench/bundle.js";
import { root } from "../support/sources.js";
import { filesBelow, manifestIn, packageIn, packageUnderTest } from "./package.js";

const { project, tarball } = packageUnderTest();
const folder = packageIn(project);
const manifest = manifestIn(project);
const files = filesBelow(folder);
const textOf = (file: string) => readFileSync(path.join(folder, file), "utf8");

const test = suite("the contents of the package");

/** Each kind of file, and what the declarations are reached from is looked at below. */
const EXPECTED = [
	/^(README\.md|LICENSE|package\.json)$/,
	/^docs\/(README|SQL|TYPED|RELIABILITY|SECURITY|CHANGELOG)\.md$/,
	/^docs\/(quick-start|key-value|sql-guide|loading|operating|cli|level|kernel|runtimes|bundling|comparison)\.md$/,
	/^dist\/kernel\.wasm(\.d\.ts)?$/,
	/^dist\/lib\/[\w-]+\.js$/,
	/^dist\/lib\/(ts\/kernel|embedded\/(artifact|csv-parser|abstract-level))\.js$/,
	/^dist\/(host|assembly\/shared)\/([\w-]+\/)*[\w-]+\.d\.ts$/,
];

test("is the library, its declarations, the kernel and what tells of them; no tests, no maps, no sources", () => {
	assert.equal(
		files.filter((file) => !EXPECTED.some((kind) => kind.test(file))),
		[],
	);
	for (const kind of EXPECTED)
		assert.ok(
			files.some((file) => kind.test(file)),
			`${kind}`,
		);
	for (const name of ["README.md", "LICENSE", "docs/bundling.md"])
		assert.is(textOf(name), readFileSync(path.join(root, name), "utf8"));
	for (const file of files.filter((name) => name.endsWith(".js")))
		assert.not.match(textOf(file), /^\/\/# sourceMappingURL/m, file);
});

test("has no declaration that no entry leads to, and all that they lead to", () => {
	const types = Object.values(manifest.exports).flatMap((target) =>
		typeof target === "object" && target.types !== undefined ? [path.posix.normalize(target.types)] : [],
	);
	const needed = new Set(types);
	for (const file of needed) {
		for (const [, name] of textOf(file).matchAll(/\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g))
			needed.add(path.posix.join(path.posix.dirname(file), (name as string).replace(/\.js$/, ".d.ts")));
	}
	assert.equal(
		files.filter((file) => file.endsWith(".d.ts")),
		[...needed].sort(),
	);
});

test("is small", () => {
	const bytes = files.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
	const packed = statSync(tarball).size;
	assert.ok(packed < 900 << 10, `the tarball has ${packed} bytes`);
	assert.ok(bytes < 7 << 19, `the files have ${bytes} bytes`);
	assert.equal(
		bundles().flatMap((bundle) => (isOver(bundle) ? [bundle.name] : [])),
		[],
	);
});

test("tells nothing of the machine that made it", () => {
	for (const file of files) assert.not.ok(readFileSync(path.join(folder, file)).includes(root), file);
});

test("has a package.json that runs nothing where it is installed, and asks for few packages", () => {
	for (const script of ["preinstall", "install", "postinstall"]) assert.is(manifest.scripts[script], undefined, script);
	const { "@assemblyscript/loader": _, "csv-parser": __, yargs: ___, ...others } = manifest.dependencies;
	assert.is(Object.keys(manifest.dependencies).length - Object.keys(others).length, 3);
	assert.ok(Object.keys(others).length <= 4, Object.keys(others).join(", "));
	assert.is(manifest.engines.node, ">=20.19");
	assert.is(manifest.license, "Apache-2.0");
	const wanted = ["", "/level", "/keyv", "/unstorage", "/typed", "/load", "/kernel", "/kernel.wasm", "/package.json"];
	assert.equal(
		Object.keys(manifest.exports),
		wanted.map((name) => `.${name}`),
	);
});

test("has all files that its package.json names", () => {
	const named = [manifest.main, manifest.types, manifest.bin.wlsm];
	for (const target of Object.values(manifest.exports))
		named.push(...(typeof target === "string" ? [target] : Object.values(target)));
	for (const target of Object.values(manifest.imports))
		named.push(...Object.values(target).filter((name) => name.startsWith(".")));
	assert.ok(named.length > 20);
	for (const name of named) assert.ok(files.includes(path.posix.normalize(name)), name);
	assert.match(textOf(path.posix.normalize(manifest.bin.wlsm)), /^#!\/usr\/bin\/env node\n/);
});

test.run();
