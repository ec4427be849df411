/** A module that is started, not imported. */
export function bulkWorkerUrl(): URL {
	return new URL("./bulk-worker.js", import.meta.url);
}
