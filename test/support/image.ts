import { MemoryStorage } from "../../host/storage/index.js";
import type { Storage } from "../../host/storage/storage.js";

/** The files of a directory, by name. */
export type Image = ReadonlyMap<string, Uint8Array>;

export const IMAGE_DIRECTORY = "/db";

export function takeImage(storage: Storage, directory = IMAGE_DIRECTORY): Image {
	const image = new Map<string, Uint8Array>();
	for (const name of storage.list(directory).sort()) {
		const file = storage.openRead(storage.join(directory, name));
		const bytes = new Uint8Array(file.size());
		file.readSync(bytes, 0, bytes.length, 0);
		file.close();
		image.set(name, bytes);
	}
	return image;
}

/** A storage that holds the image. */
export function storageOf(image: Image, directory = IMAGE_DIRECTORY): MemoryStorage {
	return fill(new MemoryStorage(), image, directory);
}

/** Puts the image into a storage that has nothing of that name. */
export function fill<Target extends Storage>(storage: Target, image: Image, directory = IMAGE_DIRECTORY): Target {
	storage.makeDirectory(directory);
	for (const [name, bytes] of image) {
		const file = storage.create(storage.join(directory, name));
		file.writeSync(bytes, 0, bytes.length);
		file.close();
	}
	return storage;
}

/** The image with one file replaced, or without it. */
export function withFile(image: Image, name: string, bytes: Uint8Array | undefined): Image {
	const changed = new Map(image);
	if (bytes === undefined) changed.delete(name);
	else changed.set(name, bytes);
	return changed;
}
