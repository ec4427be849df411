import { type ChildProcess, spawn } from "node:child_process";
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { acquireLock, isLockFile } from "../../host/engine/lock.js";
import { formatOwner, parseOwner } from "../../host/engine/lock-owner.js";
import { WlsmError } from "../../host/errors.js";
import { MemoryStorage, NodeStorage, type ProcessEnvironment, type Storage } from "../../host/storage/index.js";

/** A machine whose processes are a table: pid to start time. */
function machine(processes: Map<number, string | null>, pid: number, facts: Partial<ProcessEnvironment> = {}) {
	return {
		pid,
		hostname: "alpha",
		startTime: processes.get(pid) ?? null,
		bootId: "boot-1",
		pidNamespace: "pid:[1]",
		stateOf: (other: number) =>
			processes.has(other)
				? ({ alive: true, startTime: processes.get(other) ?? null } as const)
				: ({ alive: false } as const),
		identify: () => ({ path: "/db", inode: "7" }),
		...facts,
	} satisfies ProcessEnvironment;
}

function memory(): Storage {
	const storage = new MemoryStorage();
	storage.makeDirectory("/db");
	return storage;
}

function refused(work: () => unknown, message = /pid 1 on host alpha/): void {
	assert.throws(work, (error: unknown) => {
		assert.instance(error, WlsmError);
		assert.is((error as WlsmError).code, "WLSM_LOCKED");
		assert.match((error as WlsmError).message, message);
		return true;
	});
}

const rules = suite("lock rules");

rules("one holder at a time, the same process included", () => {
	const storage = memory();
	const processes = new Map([
		[1, "10"],
		[2, "20"],
	]);
	const lock = acquireLock(storage, "/db", machine(processes, 1));
	refused(() => acquireLock(storage, "/db", machine(processes, 1)));
	refused(() => acquireLock(storage, "/db", machine(processes, 2)));
	assert.equal(storage.list("/db"), ["LOCK"]);
	lock.release();
	lock.release();
	assert.equal(storage.list("/db"), []);
	acquireLock(storage, "/db", machine(processes, 2)).release();
});

rules("a lock is taken over where its owner is provably gone, and only there", () => {
	const me: [number, string] = [2, "20"];
	const [alive, dead] = [new Map([[1, "10"], me]), new Map([me])];
	const cases: [string, Partial<ProcessEnvironment>, Map<number, string | null>, "taken" | "refused"][] = [
		["alive", {}, alive, "refused"],
		["dead", {}, dead, "taken"],
		["pid reused", {}, new Map([[1, "15"], me]), "taken"],
		["start time unknown", {}, new Map([[1, null], me]), "refused"],
		["rebooted, pid reused with the same start time", { bootId: "boot-2" }, alive, "taken"],
		["another host", { hostname: "beta", bootId: "boot-2" }, dead, "refused"],
		["host renamed, same boot, dead", { hostname: "beta" }, dead, "taken"],
		["another container", { pidNamespace: "pid:[2]" }, dead, "refused"],
		["another container of an earlier boot", { pidNamespace: "pid:[2]", bootId: "boot-2" }, dead, "taken"],
		["a copy", { identify: () => ({ path: "/copy", inode: "8" }) }, alive, "taken"],
		["moved", { identify: () => ({ path: "/moved", inode: "7" }) }, alive, "refused"],
		["restored in place", { identify: () => ({ path: "/db", inode: "8" }) }, alive, "refused"],
		["inode unknown", { identify: () => ({ path: "/copy", inode: null }) }, alive, "refused"],
	];
	for (const [name, facts, processes, expected] of cases) {
		const storage = memory();
		const first = acquireLock(storage, "/db", machine(new Map([[1, "10"]]), 1));
		const second = machine(processes, 2, facts);
		if (expected === "refused") {
			refused(() => acquireLock(storage, "/db", second));
		} else {
			const lock = acquireLock(storage, "/db", second);
			first.release();
			assert.equal(storage.list("/db"), ["LOCK"], `${name}: a release leaves another's lock alone`);
			lock.release();
			assert.equal(storage.list("/db"), [], name);
		}
	}
});

rules("works where the file system has no links", () => {
	const storage = memory();
	storage.link = () => {
		throw Object.assign(new Error("EPERM"), { code: "EPERM" });
	};
	const processes = new Map([
		[1, "10"],
		[2, "20"],
	]);
	acquireLock(storage, "/db", machine(processes, 1));
	refused(() => acquireLock(storage, "/db", machine(processes, 2)));
	processes.delete(1);
	acquireLock(storage, "/db", machine(processes, 2)).release();
	assert.equal(storage.list("/db"), []);
});

rules("an empty, cut or altered lock file keeps the database locked and is named", () => {
	const owner = {
		pid: 999,
		startTime: "1",
		bootId: "boot-1",
		pidNamespace: "pid:[1]",
		hostname: "alpha",
		token: crypto.randomUUID(),
		directory: "/db",
		inode: "7",
	};
	const whole = formatOwner(owner);
	assert.equal(parseOwner(whole), owner);
	const damaged = [new Uint8Array(0), new TextEncoder().encode("null"), new TextEncoder().encode("{}")];
	for (let i = 0; i < whole.length - 1; i++) {
		damaged.push(whole.slice(0, i));
		const flipped = whole.slice();
		flipped[i] = (flipped[i] ?? 0) ^ 4;
		damaged.push(flipped);
	}
	for (const bytes of damaged) {
		const storage = memory();
		const file = storage.create("/db/LOCK");
		file.writeSync(bytes, 0, bytes.length);
		file.close();
		refused(() => acquireLock(storage, "/db", machine(new Map([[2, "20"]]), 2)), /\/db\/LOCK is empty or damaged/);
		assert.equal(storage.list("/db"), ["LOCK"]);
	}
});

rules("a contender that dies at any step of a takeover leaves the lock to the next one", () => {
	let survived = false;
	for (let step = 1; !survived; step++) {
		const storage = memory();
		acquireLock(storage, "/db", machine(new Map([[1, "10"]]), 1));
		// Two contenders in turn die before their `step`-th change, with nothing of theirs cleaned up.
		for (const pid of [2, 3]) {
			survived = diesAt(step, storage, (mortal) => acquireLock(mortal, "/db", machine(new Map([[pid, "x"]]), pid)));
		}
		const lock = acquireLock(storage, "/db", machine(new Map([[4, "40"]]), 4));
		refused(() => acquireLock(storage, "/db", machine(new Map([[4, "40"]]), 4)), /pid 4/);
		lock.release();
		assert.equal(storage.list("/db"), [], `step ${step}`);
	}
});

rules(
	"a draft that was cut off while it was written is swept, and one that is still being written is written again",
	() => {
		const storage = memory();
		const processes = new Map([
			[1, "10"],
			[2, "20"],
		]);
		storage.create(`/db/LOCK.${crypto.randomUUID()}.new`).close();
		// The second contender has made its draft and not yet written it when the first one gets the lock, and sweeps.
		let sweeps: ReturnType<typeof acquireLock> | undefined;
		const slow = hookedCreate(storage, () => {
			sweeps ??= acquireLock(storage, "/db", machine(processes, 1));
		});
		refused(() => acquireLock(slow, "/db", machine(processes, 2)));
		assert.equal(storage.list("/db"), ["LOCK"]);
		sweeps?.release();
		// Where the first one gives the lock up again at once, the second one gets it.
		const late = hookedCreate(storage, () => acquireLock(storage, "/db", machine(processes, 1)).release());
		const lock = acquireLock(late, "/db", machine(processes, 2));
		refused(() => acquireLock(storage, "/db", machine(processes, 1)), /pid 2/);
		lock.release();
		assert.equal(storage.list("/db"), []);
	},
);

rules("who comes too late for a takeover names the new owner, not somebody else who came too late", () => {
	const storage = memory();
	acquireLock(storage, "/db", machine(new Map([[1, "10"]]), 1));
	const gone = parseOwner(read(storage, "/db/LOCK"));
	if (gone === undefined) throw new Error("no owner");
	const processes = new Map([2, 3, 4].map((pid) => [pid, String(pid)]));
	const { link } = storage;
	let links = 0;
	storage.link = (existing, name) => {
		if (name === `/db/LOCK.${gone.token}` && ++links === 1) {
			// Process 2 takes the lock over; process 3 saw it as it was before, and has made its claim.
			acquireLock(storage, "/db", machine(processes, 2));
			const claim = storage.create(name);
			const content = formatOwner({ ...gone, pid: 3, startTime: "3", token: crypto.randomUUID() });
			claim.writeSync(content, 0, content.length);
			claim.close();
		}
		link.call(storage, existing, name);
	};
	refused(() => acquireLock(storage, "/db", machine(processes, 4)), /pid 2 on host/);
	assert.is(links, 2);
});

function read(storage: Storage, path: string): Uint8Array {
	const file = storage.openRead(path);
	const bytes = new Uint8Array(file.size());
	file.readSync(bytes, 0, bytes.length, 0);
	file.close();
	return bytes;
}

/** The storage, with something happening when its first file has just been made. */
function hookedCreate(storage: Storage, happening: () => void): Storage {
	let made = 0;
	return new Proxy(storage, {
		get(target, name: keyof Storage) {
			if (name === "create") {
				return (path: string) => {
					// Never the lock itself, which would be there before it says whose it is.
					assert.match(path, /\.new$/);
					const file = target.create(path);
					if (++made === 1) happening();
					return file;
				};
			}
			const method = target[name];
			return typeof method === "function" ? (method as () => unknown).bind(target) : method;
		},
	});
}

/** Runs `work` on a storage that refuses every change from the `step`-th on; true where it needed fewer. */
function diesAt(step: number, storage: Storage, work: (mortal: Storage) => unknown): boolean {
	let changes = 0;
	const mortal = new Proxy(storage, {
		get(target, name: keyof Storage) {
			const method = target[name];
			if (typeof method !== "function") return method;
			return (...values: never[]) => {
				if (["create", "link", "rename", "remove"].includes(name) && ++changes >= step) throw new Error("dead");
				return (method as (...values: never[]) => unknown).apply(target, values);
			};
		},
	});
	try {
		work(mortal);
		return true;
	} catch {
		return changes < step;
	}
}

rules("a failing disk is WLSM_IO with the cause", () => {
	const storage = memory();
	storage.create = () => {
		throw Object.assign(new Error("ENOSPC: no space"), { code: "ENOSPC" });
	};
	assert.throws(
		() => acquireLock(storage, "/db", machine(new Map([[1, "1"]]), 1)),
		(error: WlsmError) => error.code === "WLSM_IO" && error.file === "/db/LOCK" && /ENOSPC/.test(error.message),
	);
});

rules.run();

const child = fileURLToPath(new URL("./lock-child.js", import.meta.url));
const real = suite<{ root: string; children: ChildProcess[] }>("lock of real processes");

real.before.each((context) => {
	context.root = mkdtempSync(path.join(tmpdir(), "wlsm-"));
	context.children = [];
});
real.after.each(async ({ root, children }) => {
	await Promise.all(children.map(kill));
	rmSync(root, { recursive: true });
});

function contender(context: { root: string; children: ChildProcess[] }, directory: string, startAt = 0) {
	const contestant = spawn(process.execPath, [child, directory, String(startAt)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	context.children.push(contestant);
	const answer = new Promise<string>((resolve) => {
		contestant.stdout?.once("data", (data) => resolve(String(data).trim()));
		contestant.once("exit", () => resolve("died"));
	});
	return { process: contestant, answer };
}

function kill(child_: ChildProcess): Promise<void> {
	if (child_.exitCode !== null || child_.signalCode !== null) return Promise.resolve();
	const gone = new Promise<void>((resolve) => child_.once("exit", () => resolve()));
	child_.kill("SIGKILL");
	return gone;
}

real("this process is refused a second lock", ({ root }) => {
	const lock = acquireLock(new NodeStorage(), root);
	refused(() => acquireLock(new NodeStorage(), root), new RegExp(`pid ${process.pid} on host`));
	lock.release();
	assert.equal(readdirSync(root), []);
});

real("a live holder is named; a killed one is replaced", async (context) => {
	const holder = contender(context, context.root);
	assert.is(await holder.answer, "held");
	refused(() => acquireLock(new NodeStorage(), context.root), new RegExp(`pid ${holder.process.pid} on host`));
	await kill(holder.process);
	assert.ok(existsSync(path.join(context.root, "LOCK")));
	acquireLock(new NodeStorage(), context.root).release();
	assert.equal(readdirSync(context.root), []);
});

real("a pid that now belongs to another live process does not keep the lock", (context) => {
	acquireLock(new NodeStorage(), context.root);
	const file = path.join(context.root, "LOCK");
	const owner = parseOwner(readFileSync(file));
	if (owner?.startTime === null || owner === undefined) return;
	writeFileSync(file, formatOwner({ ...owner, startTime: `${owner.startTime}0` }));
	acquireLock(new NodeStorage(), context.root).release();
});

real("a copy of an open database can be opened, the moved original cannot", async (context) => {
	const [original, copy, moved] = ["a", "b", "c"].map((name) => path.join(context.root, name)) as [
		string,
		string,
		string,
	];
	mkdirSync(original);
	assert.is(await contender(context, original).answer, "held");
	cpSync(original, copy, { recursive: true });
	acquireLock(new NodeStorage(), copy).release();
	renameSync(original, moved);
	refused(() => acquireLock(new NodeStorage(), moved), /pid \d+ on host/);
});

real("of many processes that find a stale lock at the same moment exactly one gets it", async (context) => {
	for (let round = 0; round < 4; round++) {
		const directory = path.join(context.root, String(round));
		mkdirSync(directory);
		const first = contender(context, directory);
		assert.is(await first.answer, "held");
		await kill(first.process);
		const startAt = Date.now() + 700;
		const racers = Array.from({ length: 8 }, () => contender(context, directory, startAt));
		const answers = await Promise.all(racers.map((racer) => racer.answer));
		assert.equal(answers.sort(), [...Array(7).fill("WLSM_LOCKED"), "held"]);
		assert.equal(readdirSync(directory).filter(isLockFile), ["LOCK"]);
		await Promise.all(racers.map((racer) => kill(racer.process)));
	}
});

real.run();
