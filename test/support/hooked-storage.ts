import type { ReadFile, Storage, WriteFile } from "../../host/storage/storage.js";

/** A storage that tells each change, before it is made, and may refuse it by throwing. */
export function hookedStorage(storage: Storage, before: (operation: string, path: string) => void): Storage {
	const told = (file: WriteFile): WriteFile => ({
		get path() {
			return file.path;
		},
		get position() {
			return file.position;
		},
		writeSync: (source, at, length) => {
			before("write", file.path);
			file.writeSync(source, at, length);
		},
		syncSync: () => {
			before("sync", file.path);
			file.syncSync();
		},
		sync: async () => {
			before("sync", file.path);
			await file.sync();
		},
		rewrite: (from, to) => {
			before("write", file.path);
			file.rewrite(from, to);
		},
		truncate: (length) => {
			before("truncate", file.path);
			file.truncate(length);
		},
		close: () => file.close(),
	});
	return {
		kind: storage.kind,
		join: (directory, name) => storage.join(directory, name),
		resolve: (path) => storage.resolve(path),
		parent: (path) => storage.parent(path),
		list: (path) => storage.list(path),
		exists: (path) => storage.exists(path),
		openRead: (path): ReadFile => storage.openRead(path),
		makeDirectory: (path) => {
			before("makeDirectory", path);
			storage.makeDirectory(path);
		},
		create: (path) => {
			before("create", path);
			return told(storage.create(path));
		},
		openAppend: (path) => told(storage.openAppend(path)),
		rename: (from, to) => {
			before("rename", to);
			storage.rename(from, to);
		},
		link: (existing, name) => {
			before("link", name);
			storage.link(existing, name);
		},
		remove: (path) => {
			before("remove", path);
			storage.remove(path);
		},
		syncDirectory: (path) => {
			before("syncDirectory", path);
			storage.syncDirectory(path);
		},
		syncDirectoryLater: async (path) => {
			before("syncDirectory", path);
			await storage.syncDirectoryLater(path);
		},
	};
}

/** An error as a file system throws it. */
export function systemError(code: string): Error {
	return Object.assign(new Error(`${code}: injected`), { code });
}
