import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Database, openSync, WlsmError } from "../../host/index.js";
import { main } from "../cli/process.js";
import { withDirectory } from "../support/database.js";
import { Random } from "../support/random.js";
import { type Ledger, Violation } from "./ledger.js";

const MOUNT_BYTES = 4 << 20;
/** Without it there is room to write all of the database once more, as a compaction does before it removes what it read. */
const BALLAST_BYTES = 5 << 19;
const OPTIONS = { memtableBytes: 64 << 10, blockBytes: 1024, compression: "none" } as const;
/** Exit code of a command that failed for the disk's sake. */
const EXIT_IO = 4;

const keyOf = (number: number) => `key ${String(number).padStart(6, "0")}`;

/** Runs the work in a small file system of its own; counts where that cannot be had: it takes root, on Linux. */
async function withMount(ledger: Ledger, work: (directory: string) => Promise<void>): Promise<void> {
	await withDirectory(async (parent) => {
		const directory = join(parent, "mount");
		mkdirSync(directory);
		try {
			execFileSync("mount", ["-t", "tmpfs", "-o", `size=${MOUNT_BYTES}`, "tmpfs", directory], { stdio: "ignore" });
		} catch {
			ledger.count("file systems that could not be mounted");
			return;
		}
		try {
			await work(directory);
			unmount(directory);
		} catch (error) {
			// What went wrong may have left files open; that is not to hide it.
			spawnSync("umount", ["--lazy", directory]);
			throw error;
		}
		ledger.count("file systems filled up");
	});
}

/** Everything has been closed: a file of the file system that is still open is one that was forgotten. */
function unmount(directory: string): void {
	const forgotten = readdirSync("/proc/self/fd").flatMap((descriptor) => {
		try {
			const file = readlinkSync(`/proc/self/fd/${descriptor}`);
			return file.startsWith(`${directory}/`) ? [file] : [];
		} catch {
			// That of the listing itself.
			return [];
		}
	});
	if (forgotten.length > 0) throw new Violation("wrong", `still open: ${forgotten.join(", ")}`);
	execFileSync("umount", [directory]);
}

function isFull(error: unknown): boolean {
	if (!(error instanceof WlsmError) || error.code !== "WLSM_IO") throw error;
	if (!error.message.includes("ENOSPC")) throw error;
	return error.message.includes("open it again");
}

/** A real disk is full and then has room again: under writers with a background worker, a checkpoint and a load. */
export function runSmallMount(ledger: Ledger, seed: number): Promise<void> {
	const random = new Random(seed);
	return withMount(ledger, async (directory) => {
		const ballast = join(directory, "ballast");
		writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES));
		const path = join(directory, "db");
		const scene = { path, db: openSync(path, OPTIONS) };
		try {
			const written = await fill(scene.db, random);
			await checkCopy(scene.db, join(directory, "copy"));
			rmSync(ballast);
			await goOn(scene);
			check(scene.db, written);
			await scene.db.flush();
			await scene.db.compact();
			await scene.db.close();
			checkLoad(path, join(directory, "..", "large.csv"));
			scene.db = openSync(path, OPTIONS);
			check(scene.db, written);
			await scene.db.close();
		} catch (error) {
			await scene.db.close().catch(() => {});
			throw error;
		}
	});
}

/** Puts until the disk is full, and a while longer; answers the numbers of those that were acknowledged. */
async function fill(db: Database, random: Random): Promise<number[]> {
	const written: number[] = [];
	let failures = 0;
	for (let number = 0; failures < 20; number++) {
		try {
			const value = `${number} ${"x".repeat(random.below(2000))}`;
			if (random.once(2)) db.putSync(keyOf(number), value);
			else await db.put(keyOf(number), value, { sync: random.once(10) });
			written.push(number);
		} catch (error) {
			isFull(error);
			failures += 1;
		}
	}
	check(db, written);
	return written;
}

function check(db: Database, written: readonly number[]): void {
	for (const number of written) {
		if (db.getSync(keyOf(number))?.startsWith(`${number} `) !== true) throw new Violation("lost", keyOf(number));
	}
}

async function checkCopy(db: Database, copy: string): Promise<void> {
	try {
		await db.checkpoint(copy);
	} catch (error) {
		isFull(error);
	}
	let names: string[] = [];
	try {
		names = readdirSync(copy);
	} catch {
		// There is none.
	}
	if (names.length > 0 && !names.includes("CURRENT")) throw new Violation("wrong", `a copy left ${names.join(", ")}`);
	rmSync(copy, { recursive: true, force: true });
}

/** With room again writing goes on, or says that the database is to be opened again, and then does. */
async function goOn(scene: { readonly path: string; db: Database }): Promise<void> {
	for (let tries = 0; tries < 4; tries++) {
		try {
			await scene.db.put("again", "there is room");
			await scene.db.flush();
			return;
		} catch (error) {
			if (!isFull(error)) continue;
			await scene.db.close().catch(isFull);
			scene.db = openSync(scene.path, OPTIONS);
		}
	}
	throw new Violation("refused", "writing does not go on, though there is room");
}

/** A load that does not fit ends with the code for that and says why. */
function checkLoad(path: string, source: string): void {
	// Text that takes its room in tables too.
	const random = new Random(1);
	const text = () => Array.from({ length: 20 }, () => random.word().toString(36)).join("");
	const rows = Array.from({ length: 100_000 }, (_, number) => `${number},${text()}`);
	writeFileSync(source, `number,text\n${rows.join("\n")}\n`);
	const load = [main, "load", source, "--table", "large", "--db", path, "--no-progress"];
	const { status, stderr } = spawnSync(process.execPath, load, { encoding: "utf8" });
	if (status !== EXIT_IO || !stderr.includes("ENOSPC")) {
		throw new Violation("wrong", `a load onto a full disk ended with ${status}: ${stderr.slice(0, 1000)}`);
	}
}
