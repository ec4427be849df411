import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bundles, isOver, sizesTable } from "../../bench/bundle.js";

const tidy = suite("sizes");
const all = bundles();

function bundle(name: string) {
	const found = all.find((one) => one.name === name);
	if (found === undefined) throw new Error(`no bundle ${name}`);
	return found;
}

tidy("the kernel and the library without SQL are within their limits", () => {
	for (const name of ["kernel.wasm", "the library without SQL", "the same and the kernel in TypeScript"]) {
		const { limit, files, ...size } = bundle(name);
		assert.ok(limit !== undefined && size[limit.of] < limit.bytes, `${name}: ${JSON.stringify({ ...size, limit })}`);
	}
});

tidy(
	"the library is counted with its kernel, its worker and its package, without SQL and the twin where that is said",
	() => {
		const { files } = bundle("the library without SQL");
		for (const file of [
			"dist/host/key-value.js",
			"dist/host/engine/engine.js",
			"dist/host/engine/background/background-worker.js",
			"dist/kernel.wasm",
			"node_modules/@assemblyscript/loader/index.js",
		])
			assert.ok(
				files.some((one) => one.endsWith(file)),
				`${file} of ${files.join(" ")}`,
			);
		const isSql = (file: string) => /^dist\/(host\/sql|grammar)\//.test(file);
		assert.equal(files.filter(isSql), []);
		const isTwin = (file: string) => file.startsWith("dist/host/kernel/ts/");
		assert.equal(files.filter(isTwin), []);
		assert.ok(bundle("the same and the kernel in TypeScript").files.some(isTwin));
		const whole = bundle("the library with SQL");
		assert.ok(whole.files.some(isSql));
		assert.ok(files.filter((file) => file !== "dist/host/key-value.js").every((file) => whole.files.includes(file)));
		assert.ok(whole.raw > whole.gzipped && whole.gzipped > bundle("the library without SQL").gzipped);
	},
);

tidy("a size at its limit is over it, and said to be", () => {
	const small = {
		name: "a",
		files: ["a"],
		raw: 1023,
		gzipped: 9,
		packed: 9,
		limit: { of: "raw", bytes: 1024 },
	} as const;
	const large = { ...small, raw: 1024 };
	assert.equal([small, large].map(isOver), [false, true]);
	assert.match(
		sizesTable([small, large])
			.rows.map((row) => row.at(-1))
			.join(),
		/^1\.0 KiB raw,OVER 1\.0 KiB raw$/,
	);
});

tidy.run();
