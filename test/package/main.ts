/*
 * Checks the package as those get it who install it: npm run test:package [PATTERN]. Packs it, installs the tarball into an empty
 * project and runs the checks beside this file (*.check.ts) on that. dist must be built.
 *
 * The tools of the checks are packages of test/package, which are installed where they are not there.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../support/sources.js";
import { emptyProject, folderForAll, installed, type PackageUnderTest, runNpm, tools } from "./package.js";

if (!existsSync(path.join(tools, "node_modules"))) runNpm(["ci", "--prefix", tools, "--ignore-scripts"], root);

const folder = folderForAll(path.join(realpathSync(tmpdir()), "wlsm-package-"));
try {
	process.exitCode = run();
} finally {
	rmSync(folder, { recursive: true, force: true });
}

function run(): number {
	const [packed] = JSON.parse(
		runNpm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root),
	) as readonly [{ readonly filename: string }];
	const tarball = path.join(folder, packed.filename);
	const project = emptyProject(path.join(folder, "project"));
	// The registry is asked for the packages that it depends on, where they are not at hand.
	installed(project, tarball, ["--ignore-scripts", "--prefer-offline"]);
	const scratch = path.join(folder, "scratch");
	mkdirSync(scratch);
	const under: PackageUnderTest = { tarball, project, scratch };
	const { status } = spawnSync(
		process.execPath,
		[
			path.join(root, "node_modules/uvu/bin.js"),
			fileURLToPath(new URL(".", import.meta.url)),
			`${process.argv[2] ?? ""}.*\\.check\\.js$`,
		],
		{ cwd: root, stdio: "inherit", env: { ...process.env, WLSM_PACKAGE: JSON.stringify(under) } },
	);
	return status ?? 1;
}
