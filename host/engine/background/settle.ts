import type { Storage } from "../../storage/storage.js";
import { guard } from "../failure.js";
import { removeQuietly } from "../job-run.js";
import type { SettleTask } from "./protocol.js";

/** An edit of the manifest is on stable storage before any file that it makes obsolete is removed. */
export function settle(storage: Storage, { manifest, remove }: SettleTask): void {
	if (manifest !== undefined) {
		guard("sync", manifest, () => {
			const file = storage.openAppend(manifest);
			try {
				file.syncSync();
			} finally {
				file.close();
			}
		});
	}
	for (const path of remove) removeQuietly(storage, path);
}
