/**
 * One campaign in a process of its own: `node run.js <name> <cases> <seed> [first]`. Says on standard output that it lives, as
 * lines, and at the end what its ledger holds, as JSON. "first": ends at the first violation.
 */
import { writeSync } from "node:fs";
import { CAMPAIGNS } from "./campaigns.js";
import { Ledger } from "./ledger.js";

/** Milliseconds between two signs of life. */
const BEAT = 250;

const [name = "", cases = "1", seed = "1", end] = process.argv.slice(2);
const load = CAMPAIGNS[name];
if (load === undefined) throw new Error(`no campaign is named ${name}`);
let last = 0;
const ledger: Ledger = new Ledger(() => {
	const now = performance.now();
	if (now - last < BEAT) return;
	last = now;
	// Written at once, whatever the event loop is at.
	writeSync(1, `${ledger.cases}\n`);
});

function finish(): never {
	const { counts, wrongs, violations, longest } = ledger;
	writeSync(1, `${JSON.stringify({ cases: ledger.cases, counts, wrongs, violations, longest })}\n`);
	process.exit(0);
}

if (end === "first") ledger.onViolation = finish;
const campaign = await load();
await campaign.run(ledger, Number(cases), Number(seed));
finish();
