import type { KernelMaker } from "../../../host/engine/open.js";
import { type RepairReport, repairOn } from "../../../host/engine/repair/repair.js";
import { WlsmError } from "../../../host/errors.js";
import { resolveOptions } from "../../../host/options.js";
import { openStorage } from "../../support/database.js";
import { IMAGE_DIRECTORY, storageOf, takeImage } from "../../support/image.js";
import type { KernelName } from "../../support/kernels.js";
import { Violation } from "../ledger.js";
import type { Damage } from "./damages.js";
import type { Truth } from "./examine.js";
import { expectUntouched, judge } from "./judge.js";
import { bigints, QUERIES, type Subject } from "./subjects.js";

/**
 * Repairs a damaged image, and looks at what came of it: it opens, is sound, holds nothing that never was and all that
 * undamaged files hold, and the report names the file that lost something. Answers the number of its entries, undefined
 * where nothing could be repaired. "twice": a second repair must change nothing.
 */
export async function mend(
	subject: Subject,
	damage: Damage,
	truth: Truth,
	kernel: KernelName,
	kernelOf: KernelMaker,
	how: "once" | "twice",
): Promise<number | undefined> {
	const { image } = damage;
	const options = { ...subject.options, kernel };
	const storage = storageOf(image);
	const repair = () => repairOn(storage, IMAGE_DIRECTORY, resolveOptions(options), kernelOf);
	let report: RepairReport;
	try {
		report = repair();
	} catch (error) {
		judge(error);
		expectUntouched(storage, image);
		if (
			truth !== "any" &&
			!subject.partial &&
			damage.files.length === 1 &&
			(error as WlsmError).code !== "WLSM_UNSUPPORTED"
		)
			throw new Violation("refused", "is not repaired", { cause: error });
		return undefined;
	}
	const entries = await contents();
	if (truth !== "any") expectKept(subject, damage, report, entries);
	for (const { file, reason } of report.leftOut) {
		const name = nameOf(file);
		const bytes = image.get(name);
		// A log that something is missing before was itself kept.
		if (bytes === undefined || /which come before it, are missing$/.test(reason)) continue;
		const aside = takeImage(storage, `${IMAGE_DIRECTORY}/lost`).get(name);
		if (aside === undefined || Buffer.compare(aside, bytes) !== 0)
			throw new Violation("lost", `${name} is left out (${reason}), and not set aside`);
	}
	if (how === "once") return entries.size;
	const again = repair();
	if (again.leftOut.length > 0)
		throw new Violation("wrong", `a second repair leaves out more: ${again.leftOut[0]?.reason}`);
	const left = await contents();
	if (JSON.stringify([...left]) !== JSON.stringify([...entries]))
		throw new Violation("wrong", "a second repair changes what is there");
	return entries.size;

	async function contents(): Promise<Map<string, string>> {
		let db: ReturnType<typeof openStorage<string, string>>;
		try {
			db = openStorage(storage, IMAGE_DIRECTORY, { ...options, createIfMissing: false }, { kernelOf });
		} catch (error) {
			throw new Violation("refused", "does not open after its repair", { cause: error });
		}
		try {
			const found = new Map(db.entries());
			for (const [key, value] of found)
				if (truth !== "any" && db.getSync(key) !== value)
					throw new Violation("wrong", `${key} is not what a scan says`);
			const { problems } = await db.verify();
			if (problems.length > 0) throw new Violation("wrong", `repaired, and not sound: ${problems[0]?.message}`);
			if (subject.queries.size > 0)
				for (const query of QUERIES.slice(0, 1)) tryQuery(() => JSON.stringify(db.sql.prepare(query).all(), bigints));
			return found;
		} finally {
			db.closeSync();
		}
	}
}

/** What is missing makes a query fail, in a way that is documented. */
function tryQuery(query: () => void): void {
	try {
		query();
	} catch (error) {
		if (!(error instanceof WlsmError)) throw error;
	}
}

function nameOf(file: string): string {
	return file.slice(IMAGE_DIRECTORY.length + 1);
}

function expectKept(
	subject: Subject,
	damage: Damage,
	report: RepairReport,
	entries: ReadonlyMap<string, string>,
): void {
	const final = subject.states.at(-1) as ReadonlyMap<string, string>;
	const damaged = new Set(damage.files);
	let same = true;
	for (const key of new Set([...final.keys(), ...entries.keys(), ...subject.homes.keys()])) {
		const [value, wanted] = [entries.get(key), final.get(key)];
		if (value === wanted) continue;
		same = false;
		if (value !== undefined && !subject.states.some((state) => state.get(key) === value))
			throw new Violation("wrong", `repaired, ${key} is ${value}, which it never was`);
		const home = subject.homes.get(key);
		if (home !== undefined && damaged.has(home)) continue;
		const kind = value === undefined ? "lost" : "resurrected";
		throw new Violation(kind, `repaired, ${key} is ${value}, though ${home} is sound and says ${wanted}`);
	}
	// Which files a lost manifest named nobody knows any more.
	if (same || (damaged.size > 1 && damage.files.some((file) => file.startsWith("MANIFEST")))) return;
	const names = new Set(report.leftOut.map(({ file }) => nameOf(file)));
	const tornLog = subject.mayEndEarly && damage.files.some((file) => file.endsWith(".wal"));
	if (!tornLog && !damage.files.some((file) => names.has(file)))
		throw new Violation(
			"lost",
			`what was lost with ${damage.files.join()} is not told; told is ${[...names].join() || "nothing"}`,
		);
}
