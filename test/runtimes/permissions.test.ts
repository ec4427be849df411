import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { document, oneLess, permissionsFor } from "./permissions.js";

const test = suite("permissions of Deno");

test("the example of the document is what its table says", () => {
	const [, example = ""] =
		/^deno run (--allow-\S+(?: --allow-\S+)*) app\.js$/m.exec(readFileSync(document, "utf8")) ?? [];
	const places = { FOLDER: "data", DATA: "data/shop", PACKAGE: "node_modules/wlsm" };
	assert.is(example, permissionsFor("the library", places).join(" "));
});

test("places are filled in, and names of variables stay", () => {
	const places = { FOLDER: "/f", DATA: "/f/d", FILES: "/c", MODULES: "/m" };
	assert.equal(permissionsFor("the command line", places), [
		"--allow-read=/f,/c,/m",
		"--allow-write=/f/d",
		"--allow-sys=hostname",
		"--allow-env=WLSM_*,YARGS_MIN_NODE_VERSION",
	]);
	assert.throws(() => permissionsFor("the command line", {}), /speaks of FOLDER/);
});

test("each thing that is allowed can be left out", () => {
	assert.equal(
		oneLess(["--allow-read=a,b", "--allow-sys=hostname"]).map(({ flags }) => flags.join(" ")),
		["--allow-read=b --allow-sys=hostname", "--allow-read=a --allow-sys=hostname", "--allow-read=a,b"],
	);
});

test.run();
