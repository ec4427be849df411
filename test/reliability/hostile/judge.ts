import { CHECKPOINT_MARK } from "../../../host/engine/files.js";
import { WlsmError, type WlsmErrorCode } from "../../../host/errors.js";
import type { Storage } from "../../../host/storage/storage.js";
import { IMAGE_DIRECTORY, type Image, takeImage } from "../../support/image.js";
import { Violation } from "../ledger.js";

const CODES: readonly WlsmErrorCode[] = ["WLSM_CORRUPTION", "WLSM_UNSUPPORTED"];
/** Damage that SQL finds, which knows rows and no files. */
const ROWS = /^(a stored row|an index of table|the SQL catalog)\b/;
const FORGED_CODES: readonly WlsmErrorCode[] = ["WLSM_SQL", "WLSM_INVALID_ARGUMENT"];

/**
 * An error that damage may come to, as a text to compare. Any other is thrown on. Where checksums were made right, a catalog
 * may lack a table, and a key may be one that cannot be shown.
 */
export function judge(error: unknown, truth: "any" | readonly unknown[] = []): string {
	if (!(error instanceof WlsmError)) throw error;
	const { code, file, offset, message } = error;
	if (truth === "any" && (FORGED_CODES.includes(code) || (file === undefined && ROWS.test(message))))
		return `${code} ${message}`;
	// A trap of the kernel, which is no answer to a damaged file.
	if (!CODES.includes(code) || /invariant/.test(message)) throw error;
	const name = file?.startsWith(`${IMAGE_DIRECTORY}/`) === true ? file.slice(IMAGE_DIRECTORY.length + 1) : "";
	// What an interrupted checkpoint is told by is its mark.
	const said = name === CHECKPOINT_MARK ? "checkpoint" : name;
	if (name === "" || !message.includes(IMAGE_DIRECTORY) || !message.includes(said))
		throw new Violation("wrong", `the error names no file: ${message}`, { cause: error });
	return `${code} ${file} ${offset ?? "somewhere"}`;
}

/** What was refused is as it was. */
export function expectUntouched(storage: Storage, image: Image): void {
	const after = takeImage(storage);
	for (const [name, bytes] of image) {
		const now = after.get(name);
		if (now === undefined || Buffer.compare(now, bytes) !== 0)
			throw new Violation("wrong", `what was refused changed ${name}`);
	}
	const more = [...after.keys()].find((name) => !image.has(name));
	if (more !== undefined) throw new Violation("wrong", `what was refused made ${more}`);
}
