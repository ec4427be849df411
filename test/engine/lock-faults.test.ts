import { suite } from "uvu";
import * as assert from "uvu/assert";
import { acquireLock } from "../../host/engine/lock.js";
import { formatOwner } from "../../host/engine/lock-owner.js";
import { MemoryStorage, type ProcessEnvironment, type Storage } from "../../host/storage/index.js";
import { thrown } from "../support/database.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { hookedStorage, systemError } from "../support/hooked-storage.js";

/* Locking while the disk fails, and while others do the same between any two of our calls. */

const faults = suite("lock faults");
const DIRECTORY = "/db";
const LOCK = "/db/LOCK";

/** A machine on which only the process with this pid lives. */
function machine(pid: number, alive: readonly number[] = [pid]): ProcessEnvironment {
	return {
		...{ pid, hostname: "alpha", startTime: "10", bootId: "boot", pidNamespace: "pid:[1]" },
		stateOf: (other) => (alive.includes(other) ? { alive: true, startTime: "10" } : { alive: false }),
		identify: () => ({ path: DIRECTORY, inode: "7" }),
	};
}

function directory<Target extends Storage>(storage: Target): Target {
	storage.makeDirectory(DIRECTORY);
	return storage;
}

/** Leaves the lock of a process that is gone. */
function leaveLock(storage: Storage, pid: number): void {
	acquireLock(storage, DIRECTORY, machine(pid));
}

function write(storage: Storage, path: string, bytes: Uint8Array): void {
	const file = storage.create(path);
	file.writeSync(bytes, 0, bytes.length);
	file.close();
}

for (const links of ["with links", "without links"]) {
	for (const gone of ["a free lock", "the lock of a process that is gone"]) {
		faults(`${gone}, ${links}, whatever call fails`, () => {
			for (const kind of ["EIO", "ENOSPC", "short"] as const) {
				let failures = 0;
				for (let at = 1; ; at++) {
					const storage = directory(new SimulatedDisk());
					if (gone !== "a free lock") leaveLock(storage, 1);
					if (links === "without links")
						storage.link = (existing) =>
							storage.perform("link", existing, "look", () => {
								throw systemError("EPERM");
							});
					storage.fault = { at: storage.operations + at, kind, lasting: false };
					let taken = false;
					try {
						acquireLock(storage, DIRECTORY, machine(2));
						taken = true;
					} catch (error) {
						const { code, file } = error as { code?: string; file?: string };
						assert.ok(code === "WLSM_IO" || code === "WLSM_LOCKED", `${code} at ${at}: ${storage.failed}`);
						assert.ok(file?.startsWith(DIRECTORY));
						failures += 1;
					}
					if (storage.failed.length === 0) break;
					storage.fault = undefined;
					// A third process: what is held is held, and what failed is in nobody's way, or told how to be removed.
					const third = () => acquireLock(storage, DIRECTORY, machine(3, taken ? [2, 3] : [3]));
					if (taken) assert.match(thrown(third, "WLSM_LOCKED").message, "in use by the process with pid 2");
					else {
						third().release();
						assert.not(storage.exists(LOCK));
					}
				}
				assert.ok(failures > 0);
			}
		});
	}
}

faults("a lock that cannot be looked at when it is given back stays, and that is told", () => {
	const storage = directory(new SimulatedDisk());
	const lock = acquireLock(storage, DIRECTORY, machine(2));
	for (const [kind, outcome] of [
		["EIO", "told"],
		["EMFILE", "released"],
	] as const) {
		storage.fault = { at: storage.operations + 1, kind, lasting: false };
		if (outcome === "told") {
			const error = thrown(() => lock.release(), "WLSM_IO");
			assert.match(error.message, /Cannot unlock the database \S+: EIO/);
			assert.is(error.file, LOCK);
			assert.ok(storage.exists(LOCK));
		} else lock.release();
		assert.is(storage.failed.length, outcome === "told" ? 1 : 2);
	}
	assert.not(storage.exists(LOCK), "a process that lives has it still, and needs not look");
});

faults("a lock that others take and release all the time is given up", () => {
	const storage = directory(new MemoryStorage());
	let looks = 0;
	storage.link = () => {
		throw systemError("EEXIST");
	};
	const { openRead } = storage;
	storage.openRead = (path) => {
		looks += 1;
		if (path === LOCK) throw systemError("ENOENT");
		return openRead.call(storage, path);
	};
	const error = thrown(() => acquireLock(storage, DIRECTORY, machine(2)), "WLSM_LOCKED");
	assert.match(error.message, "Other processes are opening the database /db at the same moment. Try again. If");
	assert.match(error.message, "delete /db/LOCK.");
	assert.ok(looks > 10);
	assert.equal(storage.list(DIRECTORY), [], "no draft is left");
});

faults("who comes later to the lock of a process that is gone leaves it to who was faster", () => {
	const inner = directory(new MemoryStorage());
	leaveLock(inner, 1);
	const { startTime, bootId, pidNamespace, hostname } = machine(3);
	const token = "00000000-0000-4000-8000-000000000000";
	const faster = formatOwner({
		...{ pid: 3, startTime, bootId, pidNamespace, hostname, token },
		...{ directory: DIRECTORY, inode: "7" },
	});
	let claims = 0;
	const storage = hookedStorage(inner, (operation, path) => {
		if (operation !== "link" || path === LOCK) return;
		claims += 1;
		// Between our look and our claim another process has taken the lock over.
		inner.remove(LOCK);
		write(inner, LOCK, faster);
	});
	const error = thrown(() => acquireLock(storage, DIRECTORY, machine(2, [2, 3])), "WLSM_LOCKED");
	assert.match(error.message, "in use by the process with pid 3");
	assert.is(claims, 1);
	assert.equal(inner.list(DIRECTORY), ["LOCK"], "the claim is given back");
});

faults.run();
