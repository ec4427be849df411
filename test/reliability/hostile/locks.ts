import { Buffer } from "node:buffer";
import { formatOwner, type LockOwner, parseOwner } from "../../../host/engine/lock-owner.js";
import type { KernelMaker } from "../../../host/engine/open.js";
import { repairOn } from "../../../host/engine/repair/repair.js";
import { WlsmError } from "../../../host/errors.js";
import { resolveOptions } from "../../../host/options.js";
import { NodeStorage } from "../../../host/storage/index.js";
import { systemEnvironment } from "../../../host/storage/process.js";
import { openStorage, withDirectory } from "../../support/database.js";
import { fill, type Image, takeImage, withFile } from "../../support/image.js";
import type { Random } from "../../support/random.js";
import { Violation } from "../ledger.js";
import { mixedDamage } from "./damages.js";
import type { Subject } from "./subjects.js";

const LOCK = "LOCK";
/** Above the greatest that Linux gives. */
const GONE_PID = 2 ** 22 + 1;
const HOLDERS = ["gone", "alive"] as const;
const PLACES = ["lock", "lock", "claim", "draft"] as const;
const MADE = ["changed", "changed", "digit", "digit", "forged", "garbage", "empty", "long", "doubled"] as const;
const ODD = [undefined, null, "", "x", -1, 0, 1, 2 ** 53, 1e300, "00000000-0000-4000-8000-000000000000", [], {}];

/** Files of the lock's protocol that are not as they were written, beside a database that is whole. */
interface LockDamage {
	readonly what: string;
	readonly files: Image;
	/** "any": what the bytes say has a right checksum. */
	readonly opens: "must" | "must not" | "any";
}

/**
 * Opens a whole database, or repairs it, over damaged files of its lock, in a directory of the file system. It opens, or is refused by
 * WLSM_LOCKED with nothing changed; then readers see it, and it opens when the files that the errors name are deleted. Where
 * the owner lives it never opens. Answers whether it opened at once.
 */
export async function tryLock(random: Random, subject: Subject, kernelOf: KernelMaker): Promise<"opened" | "locked"> {
	return withDirectory(async (directory) => {
		const storage = fill(new NodeStorage(), subject.image, directory);
		const { what, files, opens } = lockDamage(random, directory);
		fill(storage, files, directory);
		const before = takeImage(storage, directory);
		const repairs = random.once(4);
		const first = async () => {
			if (repairs) repairOn(storage, directory, resolveOptions(subject.options), kernelOf);
			await expectWhole(directory, subject, kernelOf, "writer");
		};
		let verdict: "opened" | "locked" = "opened";
		for (let deleted = 0; ; deleted++) {
			let refusal: WlsmError | undefined;
			try {
				await first();
			} catch (error) {
				refusal = expectLocked(error, directory, what);
			}
			if (deleted === 0) {
				verdict = refusal === undefined ? "opened" : "locked";
				if (opens === (refusal === undefined ? "must not" : "must"))
					throw new Violation(refusal === undefined ? "wrong" : "refused", `${what}: ${verdict}`, { cause: refusal });
			}
			if (refusal?.file === undefined) break;
			if (deleted === files.size) throw new Violation("refused", `${what}: stays locked`, { cause: refusal });
			const after = takeImage(storage, directory);
			for (const [name, bytes] of deleted === 0 ? before : subject.image)
				if (Buffer.compare(after.get(name) ?? Buffer.alloc(0), bytes) !== 0)
					throw new Violation("lost", `${what}: what was refused changed ${name}`);
			await expectWhole(directory, subject, kernelOf, "reader");
			storage.remove(refusal.file);
		}
		const left = [...takeImage(storage, directory)].flatMap(([name, bytes]) =>
			name.startsWith(LOCK) && !mayLive(parseOwner(bytes)) ? [name] : [],
		);
		if (left.length > 0) throw new Violation("wrong", `${what}: ${left.join()} is left`);
		return verdict;
	});
}

/** Of a draft that may still be wanted: by this process, or by one of another container, of which nothing is known. */
function mayLive(owner: LockOwner | undefined): boolean {
	if (owner === undefined) return false;
	return owner.pid === process.pid || owner.pidNamespace !== systemEnvironment().pidNamespace;
}

async function expectWhole(
	directory: string,
	{ options, states }: Subject,
	kernelOf: KernelMaker,
	as: "reader" | "writer",
): Promise<void> {
	const readOnly = as === "reader";
	const db = openStorage(new NodeStorage(), directory, { ...options, readOnly }, { kernelOf });
	try {
		const found = JSON.stringify([...db.entries()]);
		const wanted = JSON.stringify([...(states.at(-1) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)));
		if (found !== wanted) throw new Violation("lost", `a ${as} finds ${found}`);
	} finally {
		await db.close();
	}
}

function expectLocked(error: unknown, directory: string, what: string): WlsmError {
	if (!(error instanceof WlsmError) || error.code !== "WLSM_LOCKED") throw error;
	const { file, message } = error;
	if (file?.startsWith(`${directory}/${LOCK}`) !== true || !message.includes(`delete ${file}`)) {
		if (file === undefined || !/delete that file\.$/.test(message) || !message.includes(file))
			throw new Violation("wrong", `${what}: does not say what to do: ${message}`, { cause: error });
	}
	return error;
}

function lockDamage(random: Random, directory: string): LockDamage {
	const { pid, startTime, bootId, pidNamespace, hostname, identify } = systemEnvironment();
	const { path, inode } = identify(directory);
	const holder = random.pick(HOLDERS);
	const owner = (whose: (typeof HOLDERS)[number]): LockOwner => ({
		...(whose === "gone" ? { pid: GONE_PID, startTime: "1" } : { pid, startTime }),
		...{ bootId, pidNamespace, hostname, token: tokenOf(random), directory: path, inode },
	});
	const place = random.pick(PLACES);
	const gone = owner("gone");
	const name = { lock: LOCK, claim: `${LOCK}.${gone.token}`, draft: `${LOCK}.${tokenOf(random)}.new` }[place];
	const whole = owner(holder);
	const how = random.pick(MADE);
	// A claim is a lock itself; the copy of the one that it is on leads round and round.
	const { what, bytes } =
		place === "claim" && how === "doubled" ? { what: "", bytes: formatOwner(gone) } : made(random, how, name, whole);
	const basis: Image = place === "claim" ? new Map([[LOCK, formatOwner(gone)]]) : new Map();
	const files = bytes === undefined ? basis : withFile(basis, name, bytes);
	const same = bytes !== undefined && Buffer.compare(bytes, formatOwner(whole)) === 0;
	const told = `${place} of a process that is ${holder}, ${how}: ${what}`;
	if (bytes === undefined || place === "draft") return { what: told, files, opens: "must" };
	if (how === "forged" || (place === "claim" && how === "doubled")) return { what: told, files, opens: "any" };
	if (same) return { what: told, files, opens: holder === "gone" ? "must" : "must not" };
	// Of one that is gone the checksum may be right still, as with another space at the end.
	return { what: told, files, opens: holder === "gone" ? "any" : "must not" };
}

function made(
	random: Random,
	how: (typeof MADE)[number],
	name: string,
	owner: LockOwner,
): { readonly what: string; readonly bytes: Uint8Array | undefined } {
	const whole = formatOwner(owner);
	switch (how) {
		case "changed": {
			const { what, image } = mixedDamage(random, { image: new Map([[name, whole]]) });
			return { what, bytes: image.get(name) };
		}
		case "digit": {
			// Of the number of a process, say.
			const digits = [...whole].flatMap((byte, at) => (byte >= 0x30 && byte <= 0x39 ? [at] : []));
			const [at, digit] = [random.once(3) ? digits[random.below(3)] : random.pick(digits), 0x30 + random.below(10)];
			return { what: `${at}`, bytes: whole.map((byte, index) => (index === at ? digit : byte)) };
		}
		case "forged": {
			const field = random.pick(Object.keys(owner));
			const value = random.pick(ODD);
			const bytes = formatOwner({ ...owner, [field]: value });
			return { what: `${field} is ${JSON.stringify(value)}`, bytes };
		}
		case "garbage": {
			const length = random.pick([1, 7, 300, 5000]);
			return { what: `${length} bytes`, bytes: random.bytes(length) };
		}
		case "empty":
			return { what: "", bytes: new Uint8Array(0) };
		case "long": {
			const [length, fill] = [random.pick([64 << 10, 1 << 20]), random.pick([0, 0x20, 0x5b])];
			return { what: `${length} times ${fill}`, bytes: Buffer.concat([whole, Buffer.alloc(length, fill)]) };
		}
		case "doubled":
			return { what: "", bytes: Buffer.concat([whole, whole]) };
	}
}

function tokenOf(random: Random): string {
	const hex = Buffer.from(random.bytes(16)).toString("hex");
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
