/** Waits for changes of files. */

import { type FSWatcher, statSync, watch } from "node:fs";
import { WlsmError } from "../../host/errors.js";
import { shownPath } from "./project.js";

/** Editors and compilers change several files, or one file in several steps: so long nothing must have happened. */
const QUIET_MS = 100;
/** Where something happens all the time, it is looked at every so often. */
const MAX_WAIT_MS = 1000;

interface Watched {
	readonly watcher: FSWatcher;
	readonly identity: string | undefined;
}

/** What is watched is a folder, not its path: another one may have taken its place since. Undefined where there is none. */
function identityOf(folder: string): string | undefined {
	const stat = statSync(folder, { throwIfNoEntry: false });
	return stat === undefined ? undefined : `${stat.dev} ${stat.ino} ${stat.birthtimeMs}`;
}

/**
 * Watches folders one by one, not as trees: that is what all systems can do, and node_modules is left alone. Which files of a
 * folder matter is asked of `matters`, by the file's name or undefined where the system does not tell.
 */
export class FolderWatch {
	readonly #watchers = new Map<string, Watched>();
	readonly #matters: (folder: string, name: string | undefined) => boolean;
	#changed = false;
	#timer: NodeJS.Timeout | undefined;
	/** Of the first change that nobody was told of. */
	#since: number | undefined;
	#wake = () => {};
	#failure: Error | undefined;

	constructor(matters: (folder: string, name: string | undefined) => boolean) {
		this.#matters = matters;
	}

	/** Watches these folders and no others; true where some of them were not watched before, so that changes may have been missed. */
	follow(folders: readonly string[]): boolean {
		const wanted = new Set(folders);
		for (const [folder, { watcher, identity }] of this.#watchers) {
			if (wanted.has(folder) && identityOf(folder) === identity) continue;
			watcher.close();
			this.#watchers.delete(folder);
		}
		const added = folders.filter((folder) => !this.#watchers.has(folder));
		return added.map((folder) => this.#add(folder)).includes(true);
	}

	#add(folder: string): boolean {
		const identity = identityOf(folder);
		let watcher: FSWatcher;
		try {
			watcher = watch(folder, (_event, name) => {
				if (this.#matters(folder, name ?? undefined)) this.#note();
			});
		} catch (error) {
			if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
			throw watchError(folder, error);
		}
		watcher.on("error", (error) => {
			// A folder that is removed: its parent says so, too. Some systems make an error of it.
			this.#watchers.delete(folder);
			watcher.close();
			if ("code" in error && /^E(NOENT|PERM|ACCES)$/.test(String(error.code))) this.#note();
			else this.#fail(watchError(folder, error));
		});
		this.#watchers.set(folder, { watcher, identity });
		return true;
	}

	#note(): void {
		const now = performance.now();
		this.#since ??= now;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(
			() => {
				this.#since = undefined;
				this.#changed = true;
				this.#wake();
			},
			Math.max(0, Math.min(QUIET_MS, this.#since + MAX_WAIT_MS - now)),
		);
	}

	#fail(error: Error): void {
		this.#failure ??= error;
		this.#wake();
	}

	/** Resolves when something has changed since it did so last, or at `stop`. */
	async change(): Promise<void> {
		if (!this.#changed && this.#failure === undefined) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
		if (this.#failure !== undefined) throw this.#failure;
		this.#changed = false;
	}

	/** Ends the wait for a change, also one that begins later. */
	stop(): void {
		this.#changed = true;
		this.#wake();
	}

	close(): void {
		clearTimeout(this.#timer);
		for (const { watcher } of this.#watchers.values()) watcher.close();
		this.#watchers.clear();
	}
}

function watchError(folder: string, error: unknown): WlsmError {
	const reason = error instanceof Error ? error.message : String(error);
	return new WlsmError("WLSM_IO", `Cannot watch ${shownPath(folder)}: ${reason}`, { cause: error, file: folder });
}
