import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import type { Campaign } from "./campaign.js";
import { type Ledger, Violation } from "./ledger.js";
import { MUTANTS, type Mutant } from "./mutants.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** No mutant takes longer to be noticed, in milliseconds. */
const LIMIT = 300_000;

/** Breaks copies of the engine on purpose: a campaign that finds nothing wrong with one is wrong itself. */
export const mutationCampaign: Campaign = {
	name: "mutation",
	unit: "broken engines",
	full: MUTANTS.length,
	short: 3,
	async run(ledger, cases) {
		for (const mutant of MUTANTS.slice(0, Math.max(1, cases))) {
			await ledger.case(
				() => mutant.name,
				() => notice(ledger, mutant),
				LIMIT,
			);
		}
	},
};

function notice(ledger: Ledger, mutant: Mutant): void {
	const { kind, cases } = withMutant(mutant, (root) => sweep(root, mutant));
	ledger.count(`noticed by ${mutant.campaign} as ${kind}`);
	ledger.count("cases until then", cases);
}

/** Runs `work` with a copy of what is built that has the mutation in it. */
function withMutant<Answer>(mutant: Mutant, work: (root: string) => Answer): Answer {
	const root = mkdtempSync(path.join(tmpdir(), "wlsm-mutant-"));
	try {
		for (const part of [
			"dist/host",
			"dist/assembly",
			"dist/grammar",
			"dist/kernel.wasm",
			"dist/test",
			"package.json",
		]) {
			mkdirSync(path.dirname(path.join(root, part)), { recursive: true });
			cpSync(path.join(ROOT, part), path.join(root, part), { recursive: true });
		}
		symlinkSync(path.join(ROOT, "node_modules"), path.join(root, "node_modules"), "junction");
		mutate(root, mutant);
		return work(root);
	} finally {
		rmSync(root, { recursive: true, force: true });
	}
}

function mutate(root: string, { name, file, from, to }: Mutant): void {
	const inKernel = file.startsWith("assembly/");
	if (inKernel) cpSync(path.join(ROOT, "assembly"), path.join(root, "assembly"), { recursive: true });
	const place = path.join(root, file);
	const parts = readFileSync(place, "utf8").split(from);
	if (parts.length !== 2) throw new Error(`${name}: ${file} has ${parts.length - 1} places like this: ${from}`);
	writeFileSync(place, parts.join(to));
	if (!inKernel) return;
	cpSync(path.join(ROOT, "asconfig.json"), path.join(root, "asconfig.json"));
	const compiler = path.join(ROOT, "node_modules/assemblyscript/bin/asc.js");
	const options = ["assembly/index.ts", "--config", "asconfig.json", "--target", "release"];
	execFileSync(process.execPath, [compiler, ...options], { cwd: root, stdio: "pipe" });
}

/** What the campaign finds first, and after how many cases. */
function sweep(root: string, { name, campaign, cases, seed = 1 }: Mutant): { kind: string; cases: number } {
	const script = path.join(root, "dist/test/reliability/run.js");
	const ran = spawnSync(process.execPath, [script, campaign, String(cases), String(seed), "first"], {
		encoding: "utf8",
		timeout: LIMIT,
		maxBuffer: 1 << 26,
	});
	const last = ran.stdout.trimEnd().split("\n").at(-1) ?? "";
	// A campaign that breaks down has noticed nothing that could be named.
	if (!last.startsWith("{")) throw new Error(`${name}: the campaign ended with ${ran.status}: ${ran.stderr}`);
	const findings = JSON.parse(last) as Pick<Ledger, "cases" | "violations">;
	const [violation] = findings.violations;
	if (violation === undefined) throw new Violation("wrong", `${findings.cases} cases of ${campaign} noticed nothing`);
	return { kind: violation.kind, cases: findings.cases };
}
