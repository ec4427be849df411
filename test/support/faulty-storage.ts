import { MemoryStorage } from "../../host/storage/index.js";
import type { ReadFile, Storage, WriteFile } from "../../host/storage/storage.js";

export type FaultKind = "EIO" | "ENOSPC" | "EMFILE" | "short";

/** What each operation may do wrong. */
export interface Fault {
	/** Number of the first operation that fails, from 1. */
	readonly at: number;
	/** "short": a write stops in its middle, with ENOSPC. */
	readonly kind: FaultKind;
	/** Whether the later ones fail too. */
	readonly lasting: boolean;
}

/**
 * A storage in memory whose operations are counted and fail on demand, as the platform's do. A write that fails leaves
 * nothing behind or, as a short one, its first half. A sync that fails may have lost what it was to keep.
 */
export class FaultyStorage implements Storage {
	readonly kind = "memory";
	readonly inner: MemoryStorage;
	fault: Fault | undefined;
	operations = 0;
	/** Operations that have failed, as "call name". */
	readonly failed: string[] = [];

	constructor(inner = new MemoryStorage()) {
		this.inner = inner;
	}

	/** Counts an operation; throws where it is to fail. */
	enter(call: string, path: string): void {
		if (this.#due(call, path)) throw this.#error(call, path);
	}

	/** As `enter` for a write: how many of its bytes still get through, undefined for all. */
	enterWrite(path: string, length: number): number | undefined {
		return this.#due("write", path) ? (this.fault?.kind === "short" ? length >> 1 : 0) : undefined;
	}

	writeError(path: string): Error {
		return this.#error("write", path);
	}

	#due(call: string, path: string): boolean {
		this.operations += 1;
		const { fault } = this;
		if (fault === undefined) return false;
		const due = fault.lasting ? this.operations >= fault.at : this.operations === fault.at;
		if (due) this.failed.push(`${call} ${path}`);
		return due;
	}

	#error(call: string, path: string): Error {
		const kind = this.fault?.kind ?? "EIO";
		const code = kind === "short" ? "ENOSPC" : kind;
		return Object.assign(new Error(`${code}: injected, ${call} '${path}'`), { code, syscall: call, path });
	}

	join(directory: string, name: string): string {
		return this.inner.join(directory, name);
	}

	resolve(path: string): string {
		return this.inner.resolve(path);
	}

	parent(path: string): string | undefined {
		return this.inner.parent(path);
	}

	exists(path: string): boolean {
		return this.inner.exists(path);
	}

	makeDirectory(path: string): void {
		this.enter("mkdir", path);
		this.inner.makeDirectory(path);
	}

	list(path: string): string[] {
		this.enter("scandir", path);
		return this.inner.list(path);
	}

	openRead(path: string): ReadFile {
		this.enter("open", path);
		return new FaultyReadFile(this, this.inner.openRead(path));
	}

	create(path: string): WriteFile {
		this.enter("open", path);
		return new FaultyWriteFile(this, this.inner.create(path));
	}

	openAppend(path: string): WriteFile {
		this.enter("open", path);
		return new FaultyWriteFile(this, this.inner.openAppend(path));
	}

	rename(from: string, to: string): void {
		this.enter("rename", from);
		this.inner.rename(from, to);
	}

	link(existing: string, name: string): void {
		this.enter("link", existing);
		this.inner.link(existing, name);
	}

	remove(path: string): void {
		this.enter("unlink", path);
		this.inner.remove(path);
	}

	syncDirectory(path: string): void {
		this.enter("fsync directory", path);
		this.inner.syncDirectory(path);
	}

	async syncDirectoryLater(path: string): Promise<void> {
		this.syncDirectory(path);
	}
}

class FaultyReadFile implements ReadFile {
	readonly #storage: FaultyStorage;
	readonly #inner: ReadFile;

	constructor(storage: FaultyStorage, inner: ReadFile) {
		this.#storage = storage;
		this.#inner = inner;
	}

	get path(): string {
		return this.#inner.path;
	}

	size(): number {
		this.#storage.enter("fstat", this.path);
		return this.#inner.size();
	}

	readSync(target: Uint8Array, at: number, length: number, position: number): number {
		this.#storage.enter("read", this.path);
		return this.#inner.readSync(target, at, length, position);
	}

	async read(target: Uint8Array, at: number, length: number, position: number): Promise<number> {
		return this.readSync(target, at, length, position);
	}

	close(): void {
		this.#inner.close();
	}
}

class FaultyWriteFile implements WriteFile {
	readonly #storage: FaultyStorage;
	readonly #inner: WriteFile;

	constructor(storage: FaultyStorage, inner: WriteFile) {
		this.#storage = storage;
		this.#inner = inner;
	}

	get path(): string {
		return this.#inner.path;
	}

	get position(): number {
		return this.#inner.position;
	}

	writeSync(source: Uint8Array, at: number, length: number): void {
		const through = this.#storage.enterWrite(this.path, length);
		this.#inner.writeSync(source, at, through ?? length);
		if (through !== undefined) throw this.#storage.writeError(this.path);
	}

	syncSync(): void {
		this.#storage.enter("fdatasync", this.path);
		this.#inner.syncSync();
	}

	async sync(): Promise<void> {
		this.syncSync();
	}

	truncate(length: number): void {
		this.#storage.enter("ftruncate", this.path);
		this.#inner.truncate(length);
	}

	close(): void {
		this.#inner.close();
	}
}
