/* Locks of processes that hold their file, and processes that may not look at others: programs of Deno without all permissions. */
import os from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { acquireLock } from "../../host/engine/lock.js";
import { parseOwner } from "../../host/engine/lock-owner.js";
import { MemoryStorage, type ProcessEnvironment } from "../../host/storage/index.js";
import { UNKNOWN_NAMESPACE } from "../../host/storage/process.js";
import { thrown } from "../support/database.js";
import { withPatched } from "../support/patched.js";

const test = suite("locks that are held");

/** The files that processes of one system hold. */
class Holds {
	readonly #held = new Map<string, Set<object>>();
	/** Files are one by whatever name: by what stands in them. */
	readonly #storage: MemoryStorage;

	constructor(storage: MemoryStorage) {
		this.#storage = storage;
	}

	get count(): number {
		return [...this.#held.values()].reduce((sum, { size }) => sum + size, 0);
	}

	/** The token is all that a name and its link have in common here. */
	#key(path: string): string {
		return /LOCK\.([0-9a-f-]{36})\.new$/.exec(path)?.[1] ?? tokenIn(this.#storage, path) ?? path;
	}

	hold(path: string) {
		const key = this.#key(path);
		const hold = {};
		const holds = this.#held.get(key) ?? new Set();
		holds.add(hold);
		this.#held.set(key, holds);
		return { release: () => void holds.delete(hold) };
	}

	isHeld(path: string): boolean {
		return (this.#held.get(this.#key(path))?.size ?? 0) > 0;
	}

	/** Ends the processes. */
	kill(): void {
		this.#held.clear();
	}
}

function tokenIn(storage: MemoryStorage, path: string): string | undefined {
	return ownerIn(storage, path)?.token;
}

function ownerIn(storage: MemoryStorage, path = "/db/LOCK") {
	const file = storage.openRead(path);
	const bytes = new Uint8Array(file.size());
	file.readSync(bytes, 0, bytes.length, 0);
	file.close();
	return parseOwner(bytes);
}

function place() {
	const storage = new MemoryStorage();
	storage.makeDirectory("/db");
	const holds = new Holds(storage);
	/** Knows nothing of other processes, but can hold files. */
	const blind = (pid: number, facts: Partial<ProcessEnvironment> = {}): ProcessEnvironment => ({
		pid,
		hostname: "alpha",
		startTime: null,
		bootId: null,
		pidNamespace: UNKNOWN_NAMESPACE,
		// Deno refuses the signal, which counts as a process that lives.
		stateOf: () => ({ alive: true, startTime: null }),
		identify: () => ({ path: "/db", inode: "7" }),
		holdFile: (path) => holds.hold(path),
		isFileHeld: (path) => holds.isHeld(path),
		...facts,
	});
	return { storage, holds, blind };
}

/** Sees all processes of the machine, of which none lives, and can hold no file. */
const seeing: ProcessEnvironment = {
	pid: 2,
	hostname: "alpha",
	startTime: "20",
	bootId: "boot-1",
	pidNamespace: "pid:[1]",
	stateOf: () => ({ alive: false }),
	identify: () => ({ path: "/db", inode: "7" }),
};

test("are kept while they are held, and taken over once they are not", () => {
	const { storage, holds, blind } = place();
	const lock = acquireLock(storage, "/db", blind(1));
	assert.is(ownerIn(storage)?.held, true);
	assert.is(holds.count, 1);
	const error = thrown(() => acquireLock(storage, "/db", blind(2)), "WLSM_LOCKED");
	assert.match(error.message, /pid 1 on host alpha/);
	assert.not.match(error.message, /not known/);
	assert.is(holds.count, 1, "whoever is refused holds nothing");
	holds.kill();
	const next = acquireLock(storage, "/db", blind(2));
	assert.is(next.takenFrom?.pid, 1);
	assert.is(holds.count, 1);
	lock.release();
	assert.equal(storage.list("/db"), ["LOCK"], "a release leaves another's lock alone");
	next.release();
	assert.equal(storage.list("/db"), []);
	assert.is(holds.count, 0);
});

test("are held also where the file system has no links", () => {
	const { storage, holds, blind } = place();
	storage.link = () => {
		throw Object.assign(new Error("EPERM"), { code: "EPERM" });
	};
	const lock = acquireLock(storage, "/db", blind(1));
	assert.is(ownerIn(storage)?.held, true);
	assert.is(holds.count, 1);
	lock.release();
	assert.is(holds.count, 0);
});

test("of another machine stay, whoever seems to hold them", () => {
	const { storage, holds, blind } = place();
	acquireLock(storage, "/db", blind(1));
	holds.kill();
	thrown(() => acquireLock(storage, "/db", blind(2, { hostname: "beta" })), "WLSM_LOCKED");
});

test("stay where nobody can tell, and the error says so", () => {
	for (const [owner, other] of [
		["blind", "seeing"],
		["seeing", "blind"],
	] as const) {
		const { storage, holds, blind } = place();
		const environments = { blind: blind(1), seeing };
		acquireLock(storage, "/db", environments[owner]);
		holds.kill();
		const error = thrown(() => acquireLock(storage, "/db", environments[other]), "WLSM_LOCKED");
		assert.match(error.message, /not known: Deno was not allowed to look.*delete .*LOCK/);
	}
	// Two that do not know in which container they are may be in different ones.
	const { storage, blind } = place();
	const dead = { stateOf: () => ({ alive: false }) as const, holdFile: () => undefined, isFileHeld: () => undefined };
	acquireLock(storage, "/db", blind(1, dead));
	assert.is(ownerIn(storage)?.held, undefined);
	thrown(() => acquireLock(storage, "/db", blind(2, dead)), "WLSM_LOCKED");
});

test("a runtime that refuses to tell of itself is an error with a code", () => {
	const { storage } = place();
	const refuse = () => () => {
		throw new Error('Requires sys access to "hostname", run again with the --allow-sys flag');
	};
	withPatched(os, "hostname", refuse, () => {
		const error = thrown(() => acquireLock(storage, "/db"), "WLSM_IO");
		assert.match(error.message, /Cannot lock the database .*--allow-sys/);
	});
});

test.run();
