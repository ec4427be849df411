/** A module that is started, not imported. Of functions as this one is, those that gather a program's files see what they name. */
export function backgroundWorkerUrl(): URL {
	return new URL("./background-worker.js", import.meta.url);
}
