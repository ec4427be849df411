import type { ReadFile, Storage, WriteFile } from "./storage.js";

/**
 * Files in memory, for databases that are not to outlive the process and for tests. Behaves as a POSIX file system does:
 * an open file goes on working after its name is removed or given to another file, and links share one content.
 */
export class MemoryStorage implements Storage {
	readonly kind = "memory";
	readonly #root: Directory = { kind: "directory", entries: new Map() };

	join(directory: string, name: string): string {
		return directory === "" ? name : `${directory.replace(/\/+$/, "")}/${name}`;
	}

	resolve(location: string): string {
		return location;
	}

	parent(location: string): string | undefined {
		const end = location.lastIndexOf("/");
		return end > 0 ? location.slice(0, end) : undefined;
	}

	makeDirectory(path: string): void {
		let directory = this.#root;
		for (const name of components(path)) {
			let entry = directory.entries.get(name);
			if (entry === undefined) {
				entry = { kind: "directory", entries: new Map() };
				directory.entries.set(name, entry);
			}
			if (entry.kind === "file") throw failure("EEXIST", "mkdir", path);
			directory = entry;
		}
	}

	list(path: string): string[] {
		const entry = this.#find(path, "scandir");
		if (entry.kind === "file") throw failure("ENOTDIR", "scandir", path);
		return [...entry.entries.keys()];
	}

	openRead(path: string): ReadFile {
		return new MemoryReadFile(path, this.#findFile(path, "open"));
	}

	create(path: string): WriteFile {
		const { directory, name } = this.#slot(path, "open");
		if (directory.entries.has(name)) throw failure("EEXIST", "open", path);
		const content: Content = { kind: "file", bytes: new Uint8Array(0), size: 0 };
		directory.entries.set(name, content);
		return new MemoryWriteFile(path, content);
	}

	openAppend(path: string): WriteFile {
		return new MemoryWriteFile(path, this.#findFile(path, "open"));
	}

	rename(from: string, to: string): void {
		const source = this.#slot(from, "rename");
		const entry = source.directory.entries.get(source.name);
		if (entry === undefined) throw failure("ENOENT", "rename", from);
		const target = this.#slot(to, "rename");
		const replaced = target.directory.entries.get(target.name);
		if (replaced === entry) return;
		if (replaced?.kind === "directory") throw failure(entry.kind === "file" ? "EISDIR" : "ENOTEMPTY", "rename", to);
		if (replaced !== undefined && entry.kind === "directory") throw failure("ENOTDIR", "rename", to);
		source.directory.entries.delete(source.name);
		target.directory.entries.set(target.name, entry);
	}

	link(existing: string, name: string): void {
		const content = this.#findFile(existing, "link");
		const target = this.#slot(name, "link");
		if (target.directory.entries.has(target.name)) throw failure("EEXIST", "link", name);
		target.directory.entries.set(target.name, content);
	}

	remove(path: string): void {
		const { directory, name } = this.#slot(path, "unlink");
		const entry = directory.entries.get(name);
		if (entry === undefined) throw failure("ENOENT", "unlink", path);
		if (entry.kind === "directory") throw failure("EISDIR", "unlink", path);
		directory.entries.delete(name);
	}

	exists(path: string): boolean {
		let entry: Entry | undefined = this.#root;
		for (const name of components(path)) {
			entry = entry?.kind === "directory" ? entry.entries.get(name) : undefined;
		}
		return entry !== undefined;
	}

	syncDirectory(path: string): void {
		this.#find(path, "fsync");
	}

	async syncDirectoryLater(path: string): Promise<void> {
		this.syncDirectory(path);
	}

	#find(path: string, call: string): Entry {
		let entry: Entry = this.#root;
		for (const name of components(path)) {
			if (entry.kind === "file") throw failure("ENOTDIR", call, path);
			const next = entry.entries.get(name);
			if (next === undefined) throw failure("ENOENT", call, path);
			entry = next;
		}
		return entry;
	}

	#findFile(path: string, call: string): Content {
		const entry = this.#find(path, call);
		if (entry.kind === "directory") throw failure("EISDIR", call, path);
		return entry;
	}

	/** The directory that holds, or could hold, the last name of the path. */
	#slot(path: string, call: string): { directory: Directory; name: string } {
		const names = components(path);
		const name = names.pop();
		if (name === undefined) throw failure("EISDIR", call, path);
		const directory = this.#find(names.join("/"), call);
		if (directory.kind === "file") throw failure("ENOTDIR", call, path);
		return { directory, name };
	}
}

interface Directory {
	readonly kind: "directory";
	readonly entries: Map<string, Entry>;
}

/** What a file holds: `bytes[0, size)`; the rest is room to grow. Shared by all names and open handles of the file. */
interface Content {
	readonly kind: "file";
	bytes: Uint8Array;
	size: number;
}

type Entry = Directory | Content;

class MemoryReadFile implements ReadFile {
	readonly path: string;
	#content: Content | undefined;

	constructor(path: string, content: Content) {
		this.path = path;
		this.#content = content;
	}

	size(): number {
		return opened(this.#content, this.path).size;
	}

	readSync(target: Uint8Array, at: number, length: number, position: number): number {
		const content = opened(this.#content, this.path);
		if (at + length > target.length) throw new RangeError(`The target has no room for ${length} bytes at ${at}`);
		const count = Math.max(0, Math.min(length, content.size - position));
		target.set(content.bytes.subarray(position, position + count), at);
		return count;
	}

	async read(target: Uint8Array, at: number, length: number, position: number): Promise<number> {
		return this.readSync(target, at, length, position);
	}

	close(): void {
		this.#content = undefined;
	}
}

class MemoryWriteFile implements WriteFile {
	readonly path: string;
	#content: Content | undefined;
	#position: number;

	constructor(path: string, content: Content) {
		this.path = path;
		this.#content = content;
		this.#position = content.size;
	}

	get position(): number {
		return this.#position;
	}

	writeSync(source: Uint8Array, at: number, length: number): void {
		const content = opened(this.#content, this.path);
		if (at + length > source.length) throw new RangeError(`The source has no ${length} bytes at ${at}`);
		const end = this.#position + length;
		reserve(content, end);
		content.bytes.set(source.subarray(at, at + length), this.#position);
		content.size = Math.max(content.size, end);
		this.#position = end;
	}

	syncSync(): void {
		opened(this.#content, this.path);
	}

	async sync(): Promise<void> {
		this.syncSync();
	}

	/** What is in memory is no more or less there for it. */
	rewrite(from: number, to: number): void {
		const { size } = opened(this.#content, this.path);
		if (to > size) throw new RangeError(`The file has no bytes ${from} to ${to}`);
	}

	truncate(length: number): void {
		const content = opened(this.#content, this.path);
		reserve(content, length);
		// Bytes beyond the end read as zero when the file grows over them again.
		content.bytes.fill(0, Math.min(length, content.size));
		content.size = length;
		this.#position = length;
	}

	/** Gives back the room to grow: most files are written once and then only read. */
	close(): void {
		const content = this.#content;
		if (content === undefined) return;
		this.#content = undefined;
		if (content.bytes.length > content.size) content.bytes = content.bytes.slice(0, content.size);
	}
}

function reserve(content: Content, size: number): void {
	if (size <= content.bytes.length) return;
	const bytes = new Uint8Array(Math.max(size, 2 * content.bytes.length, 256));
	bytes.set(content.bytes.subarray(0, content.size));
	content.bytes = bytes;
}

function opened(content: Content | undefined, path: string): Content {
	if (content === undefined) throw failure("EBADF", "access", path);
	return content;
}

function components(path: string): string[] {
	return path.split("/").filter((name) => name !== "" && name !== ".");
}

function failure(code: string, call: string, path: string): Error {
	return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, syscall: call, path });
}
