import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryStorage, NodeStorage, type Storage } from "../../host/storage/index.js";
import { SimulatedDisk } from "../support/disk/simulated-disk.js";
import { failsWith, text } from "../support/storage-case.js";

function write(storage: Storage, file: string, content: string): void {
	const handle = storage.create(file);
	handle.writeSync(text(content), 0, text(content).length);
	handle.close();
}

function read(storage: Storage, file: string): string {
	const handle = storage.openRead(file);
	const bytes = new Uint8Array(handle.size());
	assert.is(handle.readSync(bytes, 0, bytes.length, 0), bytes.length);
	handle.close();
	return new TextDecoder().decode(bytes);
}

interface Context {
	storage: Storage;
	root: string;
}

/** Every case holds for every implementation. */
function conformance(name: string, open: () => Context, done: (context: Context) => void): void {
	const test = suite<Context>(name);
	test.before.each((context) => void Object.assign(context, open()));
	test.after.each(done);

	test("creates, appends, reads and truncates", ({ storage, root }) => {
		const file = storage.join(root, "a");
		const writer = storage.create(file);
		writer.writeSync(text("--hello--"), 2, 5);
		assert.is(writer.position, 5);
		writer.syncSync();
		writer.close();
		writer.close();
		const appender = storage.openAppend(file);
		assert.is(appender.position, 5);
		appender.writeSync(text(" world"), 0, 6);
		assert.is(read(storage, file), "hello world");
		appender.truncate(4);
		assert.is(appender.position, 4);
		appender.writeSync(text("!"), 0, 1);
		appender.close();
		assert.is(read(storage, file), "hell!");
	});

	test("what is written once more stays as it is, and so does where the next write goes", ({ storage, root }) => {
		const file = storage.join(root, "a");
		write(storage, file, "hello");
		const writer = storage.openAppend(file);
		writer.rewrite(1, 4);
		writer.rewrite(5, 5);
		assert.is(writer.position, 5);
		assert.throws(() => writer.rewrite(3, 9));
		writer.writeSync(text("!"), 0, 1);
		writer.close();
		assert.is(read(storage, file), "hello!");
	});

	test("a gap made by truncation reads as zeros", ({ storage, root }) => {
		const file = storage.join(root, "a");
		const writer = storage.create(file);
		writer.writeSync(text("abcdef"), 0, 6);
		writer.truncate(2);
		writer.truncate(4);
		writer.close();
		assert.is(read(storage, file), "ab\0\0");
	});

	test("reads part of a file into the middle of a target, and stops at the end", ({ storage, root }) => {
		write(storage, storage.join(root, "a"), "0123456789");
		const file = storage.openRead(storage.join(root, "a"));
		const target = new Uint8Array(8).fill(46);
		assert.is(file.readSync(target, 2, 4, 3), 4);
		assert.is(new TextDecoder().decode(target), "..3456..");
		assert.is(file.readSync(target, 0, 8, 7), 3);
		assert.is(file.readSync(target, 0, 8, 100), 0);
		file.close();
	});

	test("reads and writes views of shared memory", async ({ storage, root }) => {
		const shared = new Uint8Array(new SharedArrayBuffer(16), 4, 8);
		shared.set(text("abcdefgh"));
		const writer = storage.create(storage.join(root, "a"));
		writer.writeSync(shared, 1, 6);
		await writer.sync();
		writer.close();
		const reader = storage.openRead(storage.join(root, "a"));
		assert.is(await reader.read(shared, 0, 8, 0), 6);
		assert.equal([...shared], [...text("bcdefggh")]);
		reader.close();
	});

	test("a close during an asynchronous read lets it finish, and later calls fail", async ({ storage, root }) => {
		write(storage, storage.join(root, "a"), "0123456789");
		const file = storage.openRead(storage.join(root, "a"));
		const target = new Uint8Array(10);
		const pending = file.read(target, 0, 10, 0);
		file.close();
		file.close();
		assert.is(await pending, 10);
		assert.is(new TextDecoder().decode(target), "0123456789");
		failsWith("EBADF", () => file.readSync(target, 0, 1, 0));
		failsWith("EBADF", () => file.size());
		const writer = storage.openAppend(storage.join(root, "a"));
		writer.close();
		failsWith("EBADF", () => writer.writeSync(target, 0, 1));
		failsWith("EBADF", () => writer.syncSync());
	});

	test("an open file goes on working after its name is removed or replaced", ({ storage, root }) => {
		const [a, b] = [storage.join(root, "a"), storage.join(root, "b")];
		write(storage, a, "old");
		write(storage, b, "new");
		const file = storage.openRead(a);
		storage.rename(b, a);
		assert.is(read(storage, a), "new");
		storage.remove(a);
		const bytes = new Uint8Array(3);
		assert.is(file.readSync(bytes, 0, 3, 0), 3);
		assert.is(new TextDecoder().decode(bytes), "old");
		file.close();
		assert.not(storage.exists(a));
	});

	test("links share one content and never replace a name", ({ storage, root }) => {
		const [a, b] = [storage.join(root, "a"), storage.join(root, "b")];
		write(storage, a, "one");
		storage.link(a, b);
		failsWith("EEXIST", () => storage.link(a, b));
		failsWith("ENOENT", () => storage.link(storage.join(root, "none"), storage.join(root, "c")));
		storage.remove(a);
		assert.is(read(storage, b), "one");
	});

	test("makes and lists directories", ({ storage, root }) => {
		const deep = storage.join(storage.join(root, "x"), "y");
		storage.makeDirectory(deep);
		storage.makeDirectory(deep);
		write(storage, storage.join(deep, "__proto__"), "");
		assert.equal(storage.list(deep), ["__proto__"]);
		assert.equal(storage.list(root), ["x"]);
		storage.syncDirectory(deep);
		assert.ok(storage.exists(deep));
	});

	test("reports failures by the platform's codes", ({ storage, root }) => {
		const [file, none] = [storage.join(root, "a"), storage.join(root, "none")];
		write(storage, file, "");
		failsWith("EEXIST", () => storage.create(file));
		failsWith("EEXIST", () => storage.makeDirectory(file));
		failsWith("ENOTDIR", () => storage.list(file));
		failsWith("ENOTDIR", () => storage.create(storage.join(file, "b")));
		failsWith("ENOENT", () => storage.list(none));
		failsWith("ENOENT", () => storage.openRead(none));
		failsWith("ENOENT", () => storage.openAppend(none));
		failsWith("ENOENT", () => storage.create(storage.join(none, "b")));
		failsWith("ENOENT", () => storage.remove(none));
		failsWith("ENOENT", () => storage.rename(none, file));
		failsWith("ENOENT", () => storage.syncDirectory(none));
		assert.not(storage.exists(none));
		assert.not(storage.exists(storage.join(file, "b")));
	});

	test.run();
}

conformance(
	"memory storage",
	() => {
		const storage = new MemoryStorage();
		storage.makeDirectory("/db");
		return { storage, root: "/db" };
	},
	() => {},
);

conformance(
	"simulated disk",
	() => {
		const storage = new SimulatedDisk();
		storage.makeDirectory("/db");
		return { storage, root: "/db" };
	},
	() => {},
);

conformance(
	"node storage",
	() => ({ storage: new NodeStorage(), root: mkdtempSync(path.join(tmpdir(), "wlsm-")) }),
	({ root }) => rmSync(root, { recursive: true }),
);

const memory = suite("memory storage, as POSIX has it");

memory("names are not given to what is of another kind", () => {
	const storage = new MemoryStorage();
	for (const name of ["/db/full/below", "/db/empty"]) storage.makeDirectory(name);
	write(storage, "/db/file", "1");
	failsWith("EISDIR", () => storage.rename("/db/file", "/db/empty"));
	failsWith("ENOTEMPTY", () => storage.rename("/db/empty", "/db/full"));
	failsWith("ENOTDIR", () => storage.rename("/db/empty", "/db/file"));
	failsWith("ENOTDIR", () => storage.openRead("/db/file/below"));
	failsWith("EISDIR", () => storage.openRead("/db/empty"));
	failsWith("EISDIR", () => storage.remove("/"));
	storage.link("/db/file", "/db/second");
	storage.rename("/db/file", "/db/second");
	assert.equal(storage.list("/db").sort(), ["empty", "file", "full", "second"], "both name it still");
	assert.is(storage.join("", "name"), "name");
});

memory("no more is read or written than there is room for", () => {
	const storage = new MemoryStorage();
	const file = storage.create("/file");
	assert.throws(() => file.writeSync(new Uint8Array(3), 1, 3), RangeError);
	file.writeSync(text("abc"), 0, 3);
	assert.throws(() => file.rewrite(1, 4), RangeError);
	const reading = storage.openRead("/file");
	assert.throws(() => reading.readSync(new Uint8Array(3), 1, 3, 0), RangeError);
	reading.close();
	failsWith("EBADF", () => reading.size());
	file.close();
	failsWith("EBADF", () => file.syncSync());
});

memory.run();
