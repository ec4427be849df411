import type { ReadFile, Storage, WriteFile } from "../../../host/storage/storage.js";
import type { Random } from "../random.js";
import { type Fault, PowerCut, systemError } from "./fault.js";
import { Inode } from "./inode.js";
import { type Directory, isDirectory, Names, type Node, newDirectory, type Survival } from "./names.js";

/** What an operation does: looks, changes something, or puts changes on stable storage. */
type Effect = "look" | "change" | "sync";

/**
 * A disk in memory that keeps what was written apart from what was synced, per file and per directory. Its power can be cut at
 * any operation that changes something, and `afterCut` makes the disks that may be found then; any operation can fail.
 */
export class SimulatedDisk implements Storage {
	readonly kind = "memory";
	readonly #names: Names;
	/** Operations so far; of those the ones that change something or sync. */
	operations = 0;
	changes = 0;
	/** The change that the power does not survive: it is begun, a sync does nothing, and everything after it fails. */
	cutAt = Number.POSITIVE_INFINITY;
	fault: Fault | undefined;
	/** Operations that have failed, as "call path". */
	readonly failed: string[] = [];

	constructor(root?: Directory) {
		this.#names = new Names(root);
	}

	/** A disk as it may be found when the power is back. */
	afterCut(survival: Survival, random: Random): SimulatedDisk {
		return new SimulatedDisk(this.#names.afterCut(survival, random));
	}

	/** Counts an operation, and does it unless it is to fail; `failing` says what a failure leaves behind. */
	perform<Answer>(
		call: string,
		path: string,
		effect: Effect,
		work: () => Answer,
		failing?: (fault: Fault) => void,
	): Answer {
		this.operations += 1;
		const { fault } = this;
		if (fault !== undefined && (fault.lasting ? this.operations >= fault.at : this.operations === fault.at)) {
			this.failed.push(`${call} ${path}`);
			failing?.(fault);
			throw systemError(fault.kind, call, path);
		}
		if (effect === "look") {
			if (this.changes >= this.cutAt) throw new PowerCut("the power is gone");
			return work();
		}
		this.changes += 1;
		if (this.changes > this.cutAt) throw new PowerCut("the power is gone");
		if (this.changes === this.cutAt && effect === "sync") throw new PowerCut("the power goes");
		const answer = work();
		if (this.changes === this.cutAt) throw new PowerCut("the power goes");
		return answer;
	}

	join(directory: string, name: string): string {
		return `${directory === "/" ? "" : directory}/${name}`;
	}

	resolve(path: string): string {
		return path;
	}

	parent(path: string): string | undefined {
		return path === "/" ? undefined : path.slice(0, path.lastIndexOf("/")) || "/";
	}

	#find(path: string): Node | undefined {
		let node: Node | undefined = this.#names.root;
		for (const name of path.split("/")) if (name !== "") node = isDirectory(node) ? node.names.get(name) : undefined;
		return node;
	}

	#directory(path: string): Directory {
		const node = this.#find(path);
		if (isDirectory(node)) return node;
		const parent = this.parent(path);
		const below = parent !== undefined && node === undefined ? this.#find(parent) : undefined;
		throw missing(node !== undefined || below instanceof Inode ? "ENOTDIR" : "ENOENT", path);
	}

	#file(path: string): Inode {
		const node = this.#find(path);
		if (node === undefined || isDirectory(node)) throw missing("ENOENT", path);
		return node;
	}

	/** The directory and name of a path. */
	#entry(path: string): { readonly directory: Directory; readonly name: string } {
		return {
			directory: this.#directory(this.parent(path) ?? "/"),
			name: path.slice(path.lastIndexOf("/") + 1),
		};
	}

	makeDirectory(path: string): void {
		const parent = this.parent(path);
		const there = this.#find(path);
		if (there instanceof Inode) throw missing("EEXIST", path);
		if (there !== undefined) return;
		if (parent !== undefined) this.makeDirectory(parent);
		this.perform("mkdir", path, "change", () => {
			const node = newDirectory();
			this.#names.change(node, { ...this.#entry(path), node });
		});
	}

	list(path: string): string[] {
		return this.perform("scandir", path, "look", () => [...this.#directory(path).names.keys()]);
	}

	exists(path: string): boolean {
		return this.#find(path) !== undefined;
	}

	openRead(path: string): ReadFile {
		const file = this.perform("open", path, "look", () => this.#file(path));
		let open = true;
		const look = <Answer>(call: string, work: (bytes: Uint8Array) => Answer): Answer => {
			if (!open) throw missing("EBADF", path);
			return this.perform(call, path, "look", () => work(file.bytes));
		};
		const readSync = (target: Uint8Array, at: number, length: number, position: number) =>
			look("read", (bytes) => {
				const part = bytes.subarray(position, position + length);
				target.set(part, at);
				return part.length;
			});
		return {
			path,
			size: () => look("fstat", (bytes) => bytes.length),
			readSync,
			read: async (target, at, length, position) => readSync(target, at, length, position),
			close: () => {
				open = false;
			},
		};
	}

	create(path: string): WriteFile {
		return this.perform("open", path, "change", () => {
			if (this.#find(path) !== undefined) throw missing("EEXIST", path);
			const node = new Inode();
			this.#names.change(node, { ...this.#entry(path), node });
			return this.#opened(path, node);
		});
	}

	openAppend(path: string): WriteFile {
		return this.perform("open", path, "look", () => this.#opened(path, this.#file(path)));
	}

	#opened(path: string, file: Inode): WriteFile {
		return new SimulatedFile(this, path, file, () => this.#names.fileSynced(file));
	}

	rename(from: string, to: string): void {
		this.perform("rename", from, "change", () => {
			const node = this.#file(from);
			this.#names.change(node, { ...this.#entry(to), node }, { ...this.#entry(from), node: undefined });
		});
	}

	link(existing: string, name: string): void {
		this.perform("link", existing, "change", () => {
			const node = this.#file(existing);
			if (this.#find(name) !== undefined) throw missing("EEXIST", name);
			this.#names.change(node, { ...this.#entry(name), node });
		});
	}

	remove(path: string): void {
		this.perform("unlink", path, "change", () =>
			this.#names.change(this.#file(path), { ...this.#entry(path), node: undefined }),
		);
	}

	syncDirectory(path: string): void {
		this.perform("fsync directory", path, "sync", () => this.#names.directorySynced(this.#directory(path)));
	}

	async syncDirectoryLater(path: string): Promise<void> {
		this.syncDirectory(path);
	}
}

class SimulatedFile implements WriteFile {
	readonly path: string;
	readonly #disk: SimulatedDisk;
	readonly #file: Inode;
	readonly #synced: () => void;
	#position: number;
	/** Where the zeros end that were put behind the position. */
	#reserved = 0;
	#open = true;

	constructor(disk: SimulatedDisk, path: string, file: Inode, synced: () => void) {
		this.#disk = disk;
		this.path = path;
		this.#file = file;
		this.#synced = synced;
		this.#position = file.bytes.length;
	}

	get position(): number {
		return this.#position;
	}

	#check(): void {
		if (!this.#open) throw missing("EBADF", this.path);
	}

	writeSync(source: Uint8Array, at: number, length: number): void {
		this.#check();
		const bytes = source.subarray(at, at + length);
		const write = () => {
			this.#file.write(this.#position, bytes);
			this.#position += length;
		};
		this.#disk.perform("write", this.path, "change", write, ({ kind }) => {
			if (kind === "short") this.#file.write(this.#position, bytes.subarray(0, length >> 1));
		});
	}

	syncSync(): void {
		this.#check();
		const sync = () => {
			this.#file.sync();
			this.#synced();
		};
		this.#disk.perform("fdatasync", this.path, "sync", sync, ({ kind }) => {
			if (kind === "lost sync") this.#file.loseUnsynced("seen");
			if (kind === "zeroed sync") this.#file.loseUnsynced("zeros");
		});
	}

	async sync(): Promise<void> {
		this.syncSync();
	}

	reserve(bytes: number): void {
		const from = Math.max(this.#position, this.#reserved);
		const length = this.#position + bytes - from;
		if (length <= 0) return;
		try {
			this.#disk.perform("write", this.path, "change", () => this.#file.write(from, new Uint8Array(length)));
			this.#reserved = from + length;
		} catch {
			// What is written for its own sake tells.
		}
	}

	rewrite(from: number, to: number): void {
		this.#check();
		if (to > this.#file.bytes.length) throw missing("EIO", this.path);
		const bytes = this.#disk.perform("read", this.path, "look", () => this.#file.bytes.slice(from, to));
		this.#disk.perform("write", this.path, "change", () => this.#file.write(from, bytes));
	}

	truncate(length: number): void {
		this.#disk.perform("ftruncate", this.path, "change", () => this.#file.cut(length));
		this.#position = length;
		this.#reserved = 0;
	}

	close(): void {
		try {
			if (this.#open && this.#reserved > this.#position) this.truncate(this.#position);
		} catch {
			// Whoever reads the file passes over zeros at its end.
		}
		this.#open = false;
	}
}

function missing(code: string, path: string): Error {
	return Object.assign(new Error(`${code}: '${path}'`), { code, path });
}
