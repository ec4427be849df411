/* Devices, files whose operations fail, links, and what only some systems have: Node's own file system. */
import fs, { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeStorage } from "../../host/storage/index.js";
import { withDirectory } from "../support/database.js";
import { withPatched, withPlatform } from "../support/patched.js";
import { failsWith, text } from "../support/storage-case.js";

function inFile(work: (storage: NodeStorage, name: string) => void): void {
	withDirectory((directory) => {
		const name = path.join(directory, "file");
		writeFileSync(name, "");
		work(new NodeStorage(), name);
	});
}

const disk = suite("node storage on special files");

disk("a write that the device refuses fails with its code", () => {
	if (process.platform !== "linux") return;
	const file = new NodeStorage().openAppend("/dev/full");
	failsWith("ENOSPC", () => file.writeSync(text("x"), 0, 1));
	file.close();
});

disk("room that is made ahead is not there where the device has none, and what is written tells", () => {
	if (process.platform !== "linux") return;
	const file = new NodeStorage().openAppend("/dev/full");
	file.reserve?.(4096);
	failsWith("ENOSPC", () => file.writeSync(text("x"), 0, 1));
	file.close();
});

disk("a device that takes nothing and tells nothing is an error", () => {
	inFile((storage, name) => {
		const file = storage.openAppend(name);
		withPatched(
			fs,
			"writeSync",
			() => (() => 0) as typeof fs.writeSync,
			() => failsWith("EIO", () => file.writeSync(text("x"), 0, 1)),
		);
		file.close();
	});
});

disk("a file that cannot be looked at is closed again", () => {
	inFile((storage, name) => {
		const closed: number[] = [];
		const refuse = () => {
			throw Object.assign(new Error("EIO"), { code: "EIO" });
		};
		withPatched(
			fs,
			"closeSync",
			(close) => (fd: number) => {
				closed.push(fd);
				close(fd);
			},
			() =>
				withPatched(
					fs,
					"fstatSync",
					() => refuse as typeof fs.fstatSync,
					() => failsWith("EIO", () => storage.openAppend(name)),
				),
		);
		assert.is(closed.length, 1);
		assert.throws(() => fs.fstatSync(closed[0] as number), /EBADF/);
	});
});

disk("zeros that cannot be cut off stay behind the end, and the file is closed", () => {
	inFile((storage, name) => {
		const file = storage.openAppend(name);
		file.reserve?.(100);
		const refuse = () => {
			throw Object.assign(new Error("EIO"), { code: "EIO" });
		};
		withPatched(
			fs,
			"ftruncateSync",
			() => refuse,
			() => file.close(),
		);
		assert.is(readFileSync(name).length, 100);
		failsWith("EBADF", () => file.writeSync(text("x"), 0, 1));
	});
});

disk("what cannot be seen is not taken for absent", () => {
	for (const code of ["EACCES", "EIO"]) {
		const refuse = () => {
			throw Object.assign(new Error(code), { code });
		};
		withPatched(
			fs,
			"statSync",
			() => refuse as unknown as typeof fs.statSync,
			() => failsWith(code, () => new NodeStorage().exists("/db")),
		);
	}
});

disk("asynchronous calls fail with the platform's codes, and the file can be closed then", async () => {
	if (process.platform !== "linux") return;
	const codeOf = (work: Promise<unknown>) =>
		work.then(
			() => "none",
			(error: NodeJS.ErrnoException) => error.code,
		);
	const directory = new NodeStorage().openRead(tmpdir());
	assert.is(await codeOf(directory.read(new Uint8Array(8), 0, 8, 0)), "EISDIR");
	directory.close();
	const device = new NodeStorage().openAppend("/dev/full");
	assert.is(await codeOf(device.sync()), "EINVAL");
	device.close();
});

disk("where directories cannot be opened they are not synced", async () => {
	const none = "/none/at/all";
	await withPlatform("win32", async () => {
		new NodeStorage().syncDirectory(none);
		await new NodeStorage().syncDirectoryLater(none);
	});
	failsWith("ENOENT", () => new NodeStorage().syncDirectory(none));
});

disk("a directory that takes no entries is an error and no endless attempt", () => {
	if (process.platform !== "linux") return;
	failsWith("ENOENT", () => new NodeStorage().makeDirectory("/proc/none/below"));
});

disk("follows symbolic links", () => {
	const root = mkdtempSync(path.join(tmpdir(), "wlsm-"));
	writeFileSync(path.join(root, "a"), "1");
	symlinkSync(path.join(root, "a"), path.join(root, "b"));
	const file = new NodeStorage().openAppend(path.join(root, "b"));
	file.writeSync(text("2"), 0, 1);
	file.close();
	assert.is(readFileSync(path.join(root, "a"), "utf8"), "12");
	rmSync(root, { recursive: true });
});

disk.run();
