/* publint, and "are the types wrong". */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageUnderTest, toolModule } from "./package.js";

const tarball = readFileSync(packageUnderTest().tarball);

const test = suite("what linters of packages say");

test("publint finds nothing", async () => {
	const { publint } = (await toolModule("publint")) as {
		publint(options: { pack: { tarball: ArrayBufferLike }; strict: boolean }): Promise<{ messages: object[] }>;
	};
	const { messages } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
	assert.equal(messages, []);
});

test("types resolve to what runs, for every way to resolve modules", async () => {
	const { checkPackage, createPackageFromTarballData } = (await toolModule("@arethetypeswrong/core")) as {
		createPackageFromTarballData(data: Uint8Array): object;
		checkPackage(found: object): Promise<{
			problems: readonly { readonly kind: string }[];
			entrypoints: Readonly<Record<string, { resolutions: Readonly<Record<string, { resolution?: object }>> }>>;
		}>;
	};
	const { problems, entrypoints } = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
	// What is required is a module of ECMAScript, as the package means it to be.
	assert.equal(
		problems.filter(({ kind }) => kind !== "CJSResolvesToESM"),
		[],
	);
	const { exports } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
	assert.is(Object.keys(entrypoints).length, Object.keys(exports).length);
	for (const [entry, { resolutions }] of Object.entries(entrypoints)) {
		assert.equal(Object.keys(resolutions).sort(), ["bundler", "node10", "node16-cjs", "node16-esm"]);
		for (const [kind, { resolution }] of Object.entries(resolutions)) assert.ok(resolution, `${entry} under ${kind}`);
	}
});

test.run();
