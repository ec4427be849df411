import { kernels } from "../support/kernels.js";
import { Random } from "../support/random.js";
import type { Campaign } from "./campaign.js";
import { type Damage, type DamageMaker, listedDamages, mixedDamage } from "./hostile/damages.js";
import { examine, type Truth } from "./hostile/examine.js";
import { forgery } from "./hostile/forgeries.js";
import { KernelPool } from "./hostile/kernel-pool.js";
import { tryLock } from "./hostile/locks.js";
import { mend } from "./hostile/mend.js";
import { forgeRows, soundRows, useRows } from "./hostile/rows.js";
import { hostileSubjects, type Subject } from "./hostile/subjects.js";
import { type Ledger, Violation } from "./ledger.js";

/** Of the random cases, one in so many has sound checksums nowhere; the others have them everywhere. */
const MIXED_SHARE = 3;
/** One in so many is of rows of SQL by themselves. */
const ROWS_SHARE = 8;
/** One in so many is of the lock: in a directory of the file system, where it takes longer. */
const LOCK_SHARE = 50;

/** Of the list of these subjects one in so many is tried: SQL takes long, and what is refused by its mark is soon told. */
const THINNED: Readonly<Record<string, number>> = { tables: 4, interrupted: 10 };

/**
 * Damaged images of small databases: what is read is right, or an error names the file; `repair` keeps all that is sound. Half
 * of the cases, as far as there are so many, are from the list of everything that can be done to one file; the rest is random.
 */
export const hostileCampaign: Campaign = {
	name: "hostile",
	unit: "hostile files",
	full: 100_000,
	short: 1200,
	async run(ledger, cases, seed) {
		const pool = new KernelPool();
		const subjects = await hostileSubjects();
		const listed = subjects.flatMap((subject) =>
			listedDamages(subject)
				.filter((_, index) => index % (THINNED[subject.name] ?? 1) === 0)
				.map((make): [Subject, DamageMaker] => [subject, make]),
		);
		const most = Math.min(listed.length, Math.ceil(cases / 2));
		const random = new Random(seed);
		const rows = soundRows();
		for (let index = 0; index < most; index++) {
			// One from each of as many stretches of the list as there are cases.
			const from = Math.floor((index * listed.length) / most);
			const to = Math.floor(((index + 1) * listed.length) / most);
			const [subject, make] = listed[random.between(from, to - 1)] as [Subject, DamageMaker];
			await tryDamage(ledger, pool, subject, make(), "sound checksums nowhere", index);
		}
		for (let index = most; index < cases; index++) {
			const own = new Random(seed * 1_000_003 + index);
			if (index % LOCK_SHARE === 0) {
				await tryLockDamage(ledger, pool, own, subjects[0] as Subject, index);
				continue;
			}
			if (own.once(ROWS_SHARE)) {
				await tryRows(ledger, own, rows, index);
				continue;
			}
			const subject = own.pick(subjects);
			const mixed = own.once(MIXED_SHARE);
			const damage = mixed ? mixedDamage(own, subject) : forgery(own, subject);
			await tryDamage(ledger, pool, subject, damage, mixed ? "sound checksums nowhere" : "sound checksums", index);
		}
	},
};

type Checksums = "sound checksums" | "sound checksums nowhere";

/** What may be read of a damaged image. */
function truthOf(subject: Subject, damage: Damage, checksums: Checksums): Truth {
	if (checksums === "sound checksums") return "any";
	const { states, flushed, mayEndEarly } = subject;
	// Of several files each may have lost its end: what is left may be an earlier state, but nothing between two.
	if (damage.kind === "mixed") return states;
	if (!mayEndEarly || !damage.files.some((file) => file.endsWith(".wal"))) return states.slice(-1);
	// A record that is damaged is told from a torn one by those behind it, which say that it was durable.
	const middle = damage.kind === "flipped" && subject.options.sync === true;
	return states.slice(middle ? -2 : flushed);
}

async function tryDamage(
	ledger: Ledger,
	pool: KernelPool,
	subject: Subject,
	damage: Damage,
	checksums: Checksums,
	index: number,
): Promise<void> {
	const truth = truthOf(subject, damage, checksums);
	const name = () => `${subject.name}, case ${index}: ${damage.kind}, ${damage.what}`;
	await ledger.case(name, async () => {
		pool.recycle();
		ledger.count(damage.kind);
		const firstOpening = index % 2 === 0 ? "reader" : "writer";
		const verdict = await examine({ subject, damage, truth, firstOpening, kernelOf: pool.make });
		ledger.count(verdict === "sound" && truth === "any" ? "unnoticed" : verdict);
		expectNoticed(subject, damage, verdict);
		const repaired = await mend(
			subject,
			damage,
			truth,
			kernels[(index >> 1) % kernels.length] ?? "wasm",
			pool.make,
			index % 5 === 0 ? "twice" : "once",
		);
		if (repaired === undefined) ledger.count("beyond repair");
		else ledger.count("repaired entries", repaired);
	});
}

async function tryRows(
	ledger: Ledger,
	random: Random,
	sound: ReturnType<typeof soundRows>,
	index: number,
): Promise<void> {
	const { entries, what } = forgeRows(random, sound);
	const name = () => `case ${index}: forged rows, ${what}`;
	await ledger.case(name, () => {
		ledger.count("forged rows");
		ledger.count(useRows(entries) > 0 ? "found" : "unnoticed");
	});
}

async function tryLockDamage(
	ledger: Ledger,
	pool: KernelPool,
	random: Random,
	subject: Subject,
	index: number,
): Promise<void> {
	await ledger.case(
		() => `case ${index}: lock files`,
		async () => {
			pool.recycle();
			ledger.count("lock files");
			ledger.count(await tryLock(random, subject, pool.make));
		},
	);
}

/** Nothing of a table goes unchecked, and no end of a file that was closed. */
function expectNoticed(subject: Subject, { kind, files }: Damage, verdict: string): void {
	if (verdict !== "sound") return;
	// A CURRENT that is right makes it whole.
	if (subject.partial && kind !== "forged CURRENT") throw new Violation("wrong", "a part of a checkpoint is opened");
	const [file = ""] = files;
	const table = file.endsWith(".sst") && ["flipped", "cut", "replaced", "swapped", "missing"].includes(kind);
	const cut = kind === "cut" && !file.startsWith("MANIFEST") && !(subject.mayEndEarly && file.endsWith(".wal"));
	if (table || cut || kind === "missing") throw new Violation("wrong", "goes unnoticed");
}
