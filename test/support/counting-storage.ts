import type { ReadFile, Storage, WriteFile } from "../../host/storage/storage.js";
import { systemError } from "./hooked-storage.js";

/** Counts the files that are open, and refuses as the system does to open more than `limit`. */
export class CountingStorage implements Storage {
	readonly kind: Storage["kind"];
	readonly inner: Storage;
	limit = Number.POSITIVE_INFINITY;
	/** Open now, by path. */
	readonly open = new Map<string, number>();
	/** The most tables that were open at once. */
	mostTables = 0;

	constructor(inner: Storage) {
		this.inner = inner;
		this.kind = inner.kind;
	}

	get files(): number {
		return [...this.open.values()].reduce((sum, count) => sum + count, 0);
	}

	get tables(): number {
		return [...this.open].reduce((sum, [path, count]) => sum + (path.endsWith(".sst") ? count : 0), 0);
	}

	#closed(path: string): void {
		const left = (this.open.get(path) ?? 0) - 1;
		if (left > 0) this.open.set(path, left);
		else this.open.delete(path);
	}

	#opened<Opened extends { readonly path: string; close(): void }>(path: string, open: () => Opened): Opened {
		if (this.files >= this.limit) throw systemError("EMFILE");
		const file = open();
		const close = file.close.bind(file);
		let closed = false;
		this.open.set(path, (this.open.get(path) ?? 0) + 1);
		this.mostTables = Math.max(this.mostTables, this.tables);
		file.close = () => {
			if (!closed) this.#closed(path);
			closed = true;
			close();
		};
		return file;
	}

	openRead(path: string): ReadFile {
		return this.#opened(path, () => this.inner.openRead(path));
	}

	create(path: string): WriteFile {
		return this.#opened(path, () => this.inner.create(path));
	}

	openAppend(path: string): WriteFile {
		return this.#opened(path, () => this.inner.openAppend(path));
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

	makeDirectory(path: string): void {
		this.inner.makeDirectory(path);
	}

	list(path: string): string[] {
		return this.inner.list(path);
	}

	rename(from: string, to: string): void {
		this.inner.rename(from, to);
	}

	link(existing: string, name: string): void {
		this.inner.link(existing, name);
	}

	remove(path: string): void {
		this.inner.remove(path);
	}

	exists(path: string): boolean {
		return this.inner.exists(path);
	}

	syncDirectory(path: string): void {
		this.inner.syncDirectory(path);
	}

	syncDirectoryLater(path: string): Promise<void> {
		return this.inner.syncDirectoryLater(path);
	}
}
