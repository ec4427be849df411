import { type RefusedRecord, type RefusedRow, recordsOf, SHOWN_ROWS, shownValue } from "../bulk/refused.js";
import { WlsmError } from "../errors.js";
import { NodeStorage, type WriteFile } from "../storage/index.js";
import type { LoadInput } from "./input.js";
import type { RecordLocator } from "./locator.js";
import { type RejectedRow, TooManyRejectsError } from "./summary.js";

const header = "line,offset,column,value,reason,record,file\n";
const earlierHeader = "line,column,value,reason\n";
const bufferedLength = 64 * 1024;

/** Counts the rejected rows, keeps the first ones to show, and writes all to the rejects file where one is wanted. */
export class Rejects {
	readonly #path: string | undefined;
	readonly #limit: number;
	readonly #input: LoadInput;
	readonly #locator: RecordLocator;
	readonly #file: WriteFile | undefined;
	#text = "";
	count = 0;
	first: RejectedRow[] = [];

	constructor(path: string | undefined, limit: number, input: LoadInput, locator: RecordLocator) {
		this.#path = path;
		this.#limit = limit;
		this.#input = input;
		this.#locator = locator;
		this.#file = path === undefined ? undefined : this.#io(() => createAnew(path));
		this.restart();
	}

	/** Forgets all rows: the load begins again. */
	restart(): void {
		this.count = 0;
		this.first = [];
		this.#text = header;
		// A device such as /dev/null has no length to cut.
		if (this.#file !== undefined && this.#file.position > 0) this.#io(() => this.#file?.truncate(0));
	}

	/** Fails with `TooManyRejectsError` where the limit is passed. */
	add(row: RefusedRow): void {
		const shown = { ...row, value: shownValue(row.value) };
		this.count++;
		this.#show(shown);
		if (this.#file !== undefined) this.#write(this.#located(shown));
		if (this.count > this.#limit) throw new TooManyRejectsError(this.#limit, this.first);
	}

	/** Adds rows that somebody else has counted: texts of the first of them, and of all where a file is wanted. */
	addAll(count: number, texts: readonly Uint8Array[]): void {
		this.count += count;
		for (const row of recordsOf(texts)) {
			this.#show(row);
			if (this.#file !== undefined) this.#write(row);
		}
	}

	/** The error for more than the limit, where the first of them are not all here. */
	tooMany(texts: readonly Uint8Array[]): TooManyRejectsError {
		for (const row of recordsOf(texts)) if (!this.#show(row)) break;
		return new TooManyRejectsError(this.#limit, this.first);
	}

	close(): void {
		this.#flush();
		this.#file?.close();
	}

	/** False where there are enough. */
	#show({ line: lineOfAll, column, value, reason }: RefusedRow): boolean {
		if (this.first.length === SHOWN_ROWS) return false;
		const { file, line } = this.#input.place(lineOfAll, undefined);
		this.first.push({ file, line, column, value, reason });
		return true;
	}

	#located(row: RefusedRow): RefusedRecord {
		const offset = this.#locator.offsetOf(row.line);
		return { ...row, offset, record: this.#locator.record(offset) };
	}

	#write({ line: lineOfAll, offset: start, column, value, reason, record }: RefusedRecord): void {
		const { file, line, offset } = this.#input.place(lineOfAll, start);
		const fields = [String(line), String(offset ?? ""), column, value, reason, record, file];
		this.#text += `${fields.map(quoteField).join(",")}\n`;
		if (this.#text.length > bufferedLength) this.#flush();
	}

	#flush(): void {
		const bytes = new TextEncoder().encode(this.#text);
		this.#text = "";
		this.#io(() => this.#file?.writeSync(bytes, 0, bytes.length));
	}

	#io<T>(work: () => T): T {
		try {
			return work();
		} catch (error) {
			if (error instanceof WlsmError) throw error;
			const reason = error instanceof Error ? error.message : String(error);
			const details = { cause: error, file: this.#path ?? "" };
			throw new WlsmError("WLSM_IO", `Cannot write the rejects file ${this.#path}: ${reason}`, details);
		}
	}
}

/** An earlier rejects file is replaced. Any other file is somebody's data, perhaps the very file that is being loaded. */
function createAnew(path: string): WriteFile {
	const storage = new NodeStorage();
	if (!storage.exists(path)) return storage.create(path);
	const file = storage.openAppend(path);
	if (file.position === 0 || [header, earlierHeader].some((text) => beginsWith(storage, path, text))) return file;
	file.close();
	const message = `The rejects file ${path} is there already and is no rejects file: name another, or delete it`;
	throw new WlsmError("WLSM_EXISTS", message, { file: path });
}

function beginsWith(storage: NodeStorage, path: string, text: string): boolean {
	const file = storage.openRead(path);
	try {
		const head = new Uint8Array(text.length);
		const length = file.readSync(head, 0, head.length, 0);
		return new TextDecoder().decode(head.subarray(0, length)) === text;
	} finally {
		file.close();
	}
}

/** One field of a CSV line. */
export function quoteField(text: string): string {
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
