import type { ReadFile, Storage, WriteFile } from "../../host/storage/storage.js";
import type { Random } from "./random.js";

/** A file: what a reader sees, and what a power cut leaves for sure. */
interface Inode {
	bytes: Uint8Array;
	synced: Uint8Array;
}

type Node = Inode | Directory;

interface Directory {
	names: Map<string, Node>;
	/** Names that are on stable storage, and the changes since, in their order: undefined removes. */
	synced: Map<string, Node>;
	changes: [name: string, node: Node | undefined][];
}

const isDirectory = (node: Node | undefined): node is Directory => node !== undefined && "names" in node;

export class PowerCut extends Error {
	readonly code = "EIO";
}

/** What becomes of what was not synced. */
export type Survival =
	/** The POSIX minimum: nothing of it. */
	| "lost"
	/** All of it. */
	| "kept"
	/** All names, no data. */
	| "names"
	/** All names; of each file everything or only what was synced. */
	| "files"
	/** Some of the names' changes, in order; some first bytes of what each file was given. */
	| "random";

/**
 * A disk whose power can be cut at any operation that changes something. It keeps what was written apart from what was
 * synced: a file's sync settles its data, a directory's its names, and nothing else.
 */
export class PowerStorage implements Storage {
	readonly kind = "memory";
	readonly #root: Directory;
	operations = 0;
	/** The operation that the power does not survive: it is begun, and everything after it fails. */
	cutAt = Number.POSITIVE_INFINITY;
	/** The operation which, being a sync of a file, fails once: the pages that it was to keep are gone, zeros in their place. */
	failSyncAt = Number.POSITIVE_INFINITY;

	constructor(root: Directory = { names: new Map(), synced: new Map(), changes: [] }) {
		this.#root = root;
	}

	/** The disk as it is found when the power is back. */
	afterCut(survival: Survival, random: Random): PowerStorage {
		const files = new Map<Node, Node>();
		const copy = (node: Node): Node => {
			const done = files.get(node);
			if (done !== undefined) return done;
			if (!isDirectory(node)) {
				const bytes = remains(node, survival, random);
				const file = { bytes, synced: bytes };
				files.set(node, file);
				return file;
			}
			const names = new Map(node.synced);
			const count =
				survival === "lost" ? 0 : survival === "random" ? random.below(node.changes.length + 1) : node.changes.length;
			for (const [name, target] of node.changes.slice(0, count)) {
				if (target === undefined) names.delete(name);
				else names.set(name, target);
			}
			const copied = new Map([...names].map(([name, target]) => [name, copy(target)]));
			const directory = { names: copied, synced: new Map(copied), changes: [] };
			files.set(node, directory);
			return directory;
		};
		return new PowerStorage(copy(this.#root) as Directory);
	}

	/** Counts an operation, which `work` begins; throws once the power is gone. */
	change<Answer>(work: () => Answer): Answer {
		this.operations += 1;
		if (this.operations > this.cutAt) throw new PowerCut("the power is gone");
		const answer = work();
		if (this.operations === this.cutAt) throw new PowerCut("the power goes");
		return answer;
	}

	/** As `change` for a sync, which the power does not wait for. `lose`: what a failure does to what it was to keep. */
	sync(work: () => void, lose?: () => void): void {
		this.operations += 1;
		if (this.operations >= this.cutAt) throw new PowerCut("the power goes");
		if (this.operations === this.failSyncAt && lose !== undefined) {
			lose();
			throw new PowerCut("the sync failed");
		}
		work();
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
		let node: Node | undefined = this.#root;
		for (const name of path.split("/")) if (name !== "") node = isDirectory(node) ? node.names.get(name) : undefined;
		return node;
	}

	#directory(path: string): Directory {
		const node = this.#find(path);
		if (!isDirectory(node)) throw failure("ENOENT", path);
		return node;
	}

	#file(path: string): Inode {
		const node = this.#find(path);
		if (node === undefined || isDirectory(node)) throw failure("ENOENT", path);
		return node;
	}

	#set(path: string, node: Node | undefined): void {
		const directory = this.#directory(this.parent(path) ?? "/");
		const name = path.slice(path.lastIndexOf("/") + 1);
		if (node === undefined) directory.names.delete(name);
		else directory.names.set(name, node);
		directory.changes.push([name, node]);
	}

	makeDirectory(path: string): void {
		const parent = this.parent(path);
		if (this.#find(path) !== undefined) return;
		if (parent !== undefined) this.makeDirectory(parent);
		this.change(() => this.#set(path, { names: new Map(), synced: new Map(), changes: [] }));
	}

	list(path: string): string[] {
		return [...this.#directory(path).names.keys()];
	}

	openRead(path: string): ReadFile {
		const file = this.#file(path);
		const readSync = (target: Uint8Array, at: number, length: number, position: number) => {
			const bytes = file.bytes.subarray(position, position + length);
			target.set(bytes, at);
			return bytes.length;
		};
		return { path, size: () => file.bytes.length, readSync, read: async (...args) => readSync(...args), close() {} };
	}

	create(path: string): WriteFile {
		if (this.#find(path) !== undefined) throw failure("EEXIST", path);
		const file: Inode = { bytes: new Uint8Array(0), synced: new Uint8Array(0) };
		return this.change(() => {
			this.#set(path, file);
			return new PowerWriteFile(this, path, file);
		});
	}

	openAppend(path: string): WriteFile {
		return new PowerWriteFile(this, path, this.#file(path));
	}

	rename(from: string, to: string): void {
		const file = this.#file(from);
		this.change(() => {
			this.#set(to, file);
			this.#set(from, undefined);
		});
	}

	link(existing: string, name: string): void {
		const file = this.#file(existing);
		if (this.#find(name) !== undefined) throw failure("EEXIST", name);
		this.change(() => this.#set(name, file));
	}

	remove(path: string): void {
		this.#file(path);
		this.change(() => this.#set(path, undefined));
	}

	exists(path: string): boolean {
		return this.#find(path) !== undefined;
	}

	syncDirectory(path: string): void {
		const directory = this.#directory(path);
		this.sync(() => {
			directory.synced = new Map(directory.names);
			directory.changes = [];
		});
	}

	async syncDirectoryLater(path: string): Promise<void> {
		this.syncDirectory(path);
	}
}

/** Bytes of a file that the cut leaves. */
function remains({ bytes, synced }: Inode, survival: Survival, random: Random): Uint8Array {
	if (survival === "kept") return bytes;
	if (survival === "files") return random.once(2) ? bytes : synced;
	if (survival !== "random") return synced;
	// Files only grow, or are cut: some of what was appended.
	if (bytes.length <= synced.length) return random.once(2) ? bytes : synced;
	const kept = bytes.slice(0, random.between(synced.length, bytes.length));
	// A page may have been allotted and never written.
	if (random.once(3)) kept.fill(0, random.between(synced.length, kept.length));
	return kept;
}

class PowerWriteFile implements WriteFile {
	readonly path: string;
	readonly #storage: PowerStorage;
	readonly #file: Inode;

	constructor(storage: PowerStorage, path: string, file: Inode) {
		this.#storage = storage;
		this.path = path;
		this.#file = file;
	}

	get position(): number {
		return this.#file.bytes.length;
	}

	writeSync(source: Uint8Array, at: number, length: number): void {
		this.#storage.change(() => {
			const bytes = new Uint8Array(this.position + length);
			bytes.set(this.#file.bytes);
			bytes.set(source.subarray(at, at + length), this.position);
			this.#file.bytes = bytes;
		});
	}

	syncSync(): void {
		const file = this.#file;
		this.#storage.sync(
			() => {
				file.synced = file.bytes;
			},
			() => {
				const bytes = new Uint8Array(file.bytes.length);
				bytes.set(file.synced.subarray(0, bytes.length));
				file.bytes = bytes;
			},
		);
	}

	async sync(): Promise<void> {
		this.syncSync();
	}

	truncate(length: number): void {
		this.#storage.change(() => {
			this.#file.bytes = this.#file.bytes.slice(0, length);
		});
	}

	close(): void {}
}

function failure(code: string, path: string): Error {
	return Object.assign(new Error(`${code}: '${path}'`), { code, path });
}
