import { Buffer } from "node:buffer";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Patience } from "./patience.js";
import type { ReadFile, Storage, WriteFile } from "./storage.js";

/** Files on disk through node:fs, which Node, Deno and Bun all have. The only place in the library that imports it for data. */
export class NodeStorage implements Storage {
	readonly kind = "node";
	readonly #patience = new Patience();

	join(directory: string, name: string): string {
		return path.join(directory, name);
	}

	resolve(location: string): string {
		return path.resolve(location);
	}

	parent(location: string): string | undefined {
		const parent = path.dirname(location);
		return parent === location ? undefined : parent;
	}

	makeDirectory(directory: string): void {
		try {
			fs.mkdirSync(directory);
		} catch (error) {
			if (isDirectory(directory)) return;
			const parent = path.dirname(directory);
			// Not by `recursive`: Node tries for ever where a directory that is there refuses entries with ENOENT, as /proc does.
			if (codeOf(error) !== "ENOENT" || isDirectory(parent) || parent === directory) throw error;
			this.makeDirectory(parent);
			this.makeDirectory(directory);
		}
	}

	list(directory: string): string[] {
		return fs.readdirSync(directory);
	}

	openRead(file: string): ReadFile {
		return new NodeReadFile(file, this.#open(file, "r"));
	}

	create(file: string): WriteFile {
		return new NodeWriteFile(file, this.#open(file, "wx+"), 0);
	}

	openAppend(file: string): WriteFile {
		const fd = this.#open(file, "r+");
		try {
			return new NodeWriteFile(file, fd, fs.fstatSync(fd).size);
		} catch (error) {
			fs.closeSync(fd);
			throw error;
		}
	}

	#open(file: string, flags: "r" | "r+" | "wx+"): number {
		return this.#patience.with(() => fs.openSync(file, flags));
	}

	rename(from: string, to: string): void {
		this.#patience.with(() => fs.renameSync(from, to));
	}

	link(existing: string, name: string): void {
		this.#patience.with(() => fs.linkSync(existing, name));
	}

	remove(file: string): void {
		this.#patience.with(() => fs.unlinkSync(file));
	}

	exists(file: string): boolean {
		try {
			return this.#patience.with(() => fs.statSync(file, { throwIfNoEntry: false })) !== undefined;
		} catch (error) {
			// Not to be seen is not to be absent: what seems empty would be written to.
			if (["EACCES", "EPERM", "EIO"].includes(String(codeOf(error))) || isRefusal(error)) throw error;
			return false;
		}
	}

	syncDirectory(directory: string): void {
		// Windows cannot open a directory as a file; its file systems journal the entries themselves.
		if (process.platform === "win32") return;
		const fd = fs.openSync(directory, "r");
		try {
			fs.fsyncSync(fd);
		} finally {
			fs.closeSync(fd);
		}
	}

	async syncDirectoryLater(directory: string): Promise<void> {
		if (process.platform === "win32") return;
		const handle = await fs.promises.open(directory, "r");
		try {
			await handle.sync();
		} finally {
			await handle.close();
		}
	}
}

/**
 * A file descriptor that is given back exactly once, and never while a call in the runtime's thread pool still uses its
 * number: a number freed too early may already belong to another file.
 */
class Descriptor {
	readonly #path: string;
	readonly #fd: number;
	#pending = 0;
	#state: "open" | "closing" | "closed" = "open";

	constructor(file: string, fd: number) {
		this.#path = file;
		this.#fd = fd;
	}

	/** The number, for one synchronous call. */
	get fd(): number {
		if (this.#state !== "open") throw closedFile(this.#path);
		return this.#fd;
	}

	/** Runs one asynchronous call with the number, and holds back `close` until it has answered. */
	async use<T>(call: (fd: number) => Promise<T>): Promise<T> {
		const fd = this.fd;
		this.#pending++;
		try {
			return await call(fd);
		} finally {
			this.#pending--;
			if (this.#state === "closing" && this.#pending === 0) this.#release();
		}
	}

	close(): void {
		if (this.#state !== "open") return;
		this.#state = "closing";
		if (this.#pending === 0) this.#release();
	}

	#release(): void {
		this.#state = "closed";
		fs.closeSync(this.#fd);
	}
}

class NodeReadFile implements ReadFile {
	readonly path: string;
	readonly #descriptor: Descriptor;

	constructor(file: string, fd: number) {
		this.path = file;
		this.#descriptor = new Descriptor(file, fd);
	}

	size(): number {
		return fs.fstatSync(this.#descriptor.fd).size;
	}

	readSync(target: Uint8Array, at: number, length: number, position: number): number {
		const fd = this.#descriptor.fd;
		let done = 0;
		while (done < length) {
			const count = fs.readSync(fd, target, at + done, length - done, position + done);
			if (count === 0) break;
			done += count;
		}
		return done;
	}

	read(target: Uint8Array, at: number, length: number, position: number): Promise<number> {
		return this.#descriptor.use(async (fd) => {
			let done = 0;
			while (done < length) {
				const count = await readOnce(fd, target, at + done, length - done, position + done);
				if (count === 0) break;
				done += count;
			}
			return done;
		});
	}

	close(): void {
		this.#descriptor.close();
	}
}

/** Bytes that are written once more at a time. */
const REWRITE_BYTES = 1 << 20;

class NodeWriteFile implements WriteFile {
	readonly path: string;
	readonly #descriptor: Descriptor;
	#position: number;
	/** Where the zeros end that were put behind the position. */
	#reserved = 0;

	constructor(file: string, fd: number, position: number) {
		this.path = file;
		this.#descriptor = new Descriptor(file, fd);
		this.#position = position;
	}

	get position(): number {
		return this.#position;
	}

	writeSync(source: Uint8Array, at: number, length: number): void {
		const fd = this.#descriptor.fd;
		let done = 0;
		while (done < length) {
			const count = fs.writeSync(fd, source, at + done, length - done, this.#position);
			// Without this a device that takes nothing and reports nothing would hold the caller for ever.
			if (count === 0) throw Object.assign(new Error(`EIO: wrote 0 bytes, '${this.path}'`), { code: "EIO" });
			done += count;
			this.#position += count;
		}
	}

	syncSync(): void {
		fs.fdatasyncSync(this.#descriptor.fd);
	}

	sync(): Promise<void> {
		return this.#descriptor.use(
			(fd) =>
				new Promise((resolve, reject) => {
					fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
				}),
		);
	}

	reserve(bytes: number): void {
		const from = Math.max(this.#position, this.#reserved);
		const length = this.#position + bytes - from;
		if (length <= 0) return;
		try {
			this.#reserved = from + fs.writeSync(this.#descriptor.fd, Buffer.alloc(length), 0, length, from);
		} catch {
			// No space, perhaps: what is written for its own sake tells.
		}
	}

	rewrite(from: number, to: number): void {
		const { fd } = this.#descriptor;
		const bytes = Buffer.alloc(Math.min(to - from, REWRITE_BYTES));
		for (let at = from; at < to; ) {
			const length = fs.readSync(fd, bytes, 0, Math.min(bytes.length, to - at), at);
			if (length === 0) throw Object.assign(new Error(`EIO: ends at ${at}, '${this.path}'`), { code: "EIO" });
			for (let done = 0; done < length; ) done += fs.writeSync(fd, bytes, done, length - done, at + done);
			at += length;
		}
	}

	truncate(length: number): void {
		fs.ftruncateSync(this.#descriptor.fd, length);
		this.#position = length;
		this.#reserved = 0;
	}

	close(): void {
		if (this.#reserved > this.#position) {
			try {
				this.truncate(this.#position);
			} catch {
				// Whoever reads the file passes over zeros at its end.
			}
		}
		this.#descriptor.close();
	}
}

/** Bytes of what is part of the package, such as the compiled kernel: of a file, or in base64 of a `data:` URL. */
export function readArtifact(url: URL): Uint8Array {
	if (url.protocol !== "data:") return fs.readFileSync(url);
	return Buffer.from(url.href.slice(url.href.indexOf(",") + 1), "base64");
}

/** False where it is a file, and the file is not there: bundlers that do not know of it leave it behind. */
export function isArtifactThere(url: URL): boolean {
	if (url.protocol !== "file:") return true;
	try {
		return fs.existsSync(url);
	} catch (error) {
		// Deno loads modules without a permission to read them.
		if (isRefusal(error)) return true;
		throw error;
	}
}

function readOnce(fd: number, target: Uint8Array, at: number, length: number, position: number): Promise<number> {
	return new Promise((resolve, reject) => {
		fs.read(fd, target, at, length, position, (error, count) => (error === null ? resolve(count) : reject(error)));
	});
}

function isDirectory(name: string): boolean {
	try {
		return fs.statSync(name).isDirectory();
	} catch (error) {
		if (isRefusal(error)) throw error;
		return false;
	}
}

/** Of Deno, for what the program was not allowed. It has no code. */
function isRefusal(error: unknown): boolean {
	return error instanceof Error && error.name === "NotCapable";
}

function codeOf(error: unknown): unknown {
	return error instanceof Error && "code" in error ? error.code : undefined;
}

function closedFile(file: string): Error {
	return Object.assign(new Error(`EBADF: the file is closed, '${file}'`), { code: "EBADF", path: file });
}

/** For files that no database is to have. */
export function temporaryDirectory(): string {
	return tmpdir();
}

/** Removes a directory that has nothing in it; one that has stays. */
export function removeEmptyDirectory(directory: string): void {
	try {
		fs.rmdirSync(directory);
	} catch (error) {
		const code = codeOf(error);
		if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT") throw error;
	}
}
