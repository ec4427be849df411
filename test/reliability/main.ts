/**
 * `npm run test:reliability -- [campaign …] [--scale 0.1] [--seed 1] [--at-once 1] [--json FILE] [--write]`: runs the campaigns, each
 * in a process of its own that is watched for silence, and prints what they did and found; --write puts that into
 * docs/RELIABILITY.md. Exit code 1 where anything was wrong.
 */
import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CAMPAIGNS } from "./campaigns.js";
import { type Findings, type Outcome, writeFigures } from "./report.js";

/** A campaign that says nothing for so long, in milliseconds, hangs: it is killed. */
const SILENCE = 330_000;

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		scale: { type: "string", default: "1" },
		seed: { type: "string", default: "1" },
		"at-once": { type: "string", default: "1" },
		json: { type: "string" },
		write: { type: "boolean", default: false },
	},
});
const scale = Number(values.scale);
const seed = Number(values.seed);
const atOnce = Number(values["at-once"]);
const unknown = positionals.find((name) => CAMPAIGNS[name] === undefined);
if (!(scale > 0) || !Number.isInteger(seed) || !(atOnce > 0) || unknown !== undefined) {
	console.error(
		`campaigns are ${Object.keys(CAMPAIGNS).join(", ")}; --scale and --at-once are positive, --seed an integer`,
	);
	process.exit(2);
}

function child(name: string, cases: number): Promise<Findings> {
	const script = fileURLToPath(new URL("./run.js", import.meta.url));
	const running = spawn(process.execPath, [script, name, String(cases), String(seed)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	return new Promise((resolve) => {
		let done = 0;
		let findings: Findings | undefined;
		let silent = false;
		const watch = () =>
			setTimeout(() => {
				silent = true;
				running.kill("SIGKILL");
			}, SILENCE);
		let timer = watch();
		createInterface({ input: running.stdout }).on("line", (line) => {
			clearTimeout(timer);
			timer = watch();
			if (line.startsWith("{")) findings = JSON.parse(line);
			else {
				done = Number(line);
				if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${line} of ${cases} `);
			}
		});
		running.on("close", (code, signal) => {
			clearTimeout(timer);
			resolve(
				findings ?? ended(done, silent ? `it was silent for ${SILENCE / 1000} s` : `it ended with ${code ?? signal}`),
			);
		});
	});
}

/** A campaign that did not come to its end. */
function ended(cases: number, message: string): Findings {
	return {
		cases,
		counts: {},
		wrongs: { lost: 0, torn: 0, resurrected: 0, wrong: 0, hung: 1, refused: 0 },
		violations: [{ kind: "hung", message }],
		longest: { milliseconds: 0, name: "" },
	};
}

const names = positionals.length > 0 ? positionals : Object.keys(CAMPAIGNS);
const outcomes: Outcome[] = [];
const waiting = [...names];
await Promise.all(
	Array.from({ length: atOnce }, async () => {
		for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await perform(name);
	}),
);
outcomes.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));

async function perform(name: string): Promise<void> {
	const campaign = await CAMPAIGNS[name]?.();
	if (campaign === undefined) return;
	const start = performance.now();
	const findings = await child(name, Math.max(1, Math.round(campaign.full * scale)));
	const outcome = { name, unit: campaign.unit, seconds: (performance.now() - start) / 1000, ...findings };
	outcomes.push(outcome);
	print(outcome);
}

function print({ name, unit, seconds, cases, counts, wrongs, violations, longest }: Outcome): void {
	const more = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
	const found = Object.entries(wrongs).map(([kind, count]) => `${count} ${kind}`);
	if (process.stderr.isTTY) process.stderr.write("\r");
	console.log(`${name}: ${cases} ${unit} in ${seconds.toFixed(0)} s: ${found.join(", ")}`);
	if (more.length > 0) console.log(`  ${more.join(", ")}; longest case ${longest.milliseconds.toFixed(0)} ms`);
	for (const { kind, message } of violations) console.log(`  ${kind}: ${message}`);
}

if (values.json !== undefined)
	writeFileSync(values.json, `${JSON.stringify({ seed, scale, outcomes }, undefined, 2)}\n`);
if (values.write) {
	const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
	writeFigures(outcomes, { scale, seed, commit, date: new Date().toISOString().slice(0, 10) });
}
const wrong = outcomes.some(({ wrongs }) => Object.values(wrongs).some((count) => count > 0));
console.log(wrong ? "Something was wrong." : "Nothing was wrong.");
process.exit(wrong ? 1 : 0);
