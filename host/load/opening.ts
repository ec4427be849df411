import { bytesOf, findNewline } from "../csv/dialect.js";
import { invalid } from "../csv/failure.js";
import { NodeStorage } from "../storage/index.js";
import { LoadInput, type LoadSource } from "./input.js";
import { RecordLocator } from "./locator.js";
import { checkOptions, type LoadFormat, type LoadOptions, type LoadSettings } from "./options.js";
import { type SniffedCsv, sniffText } from "./sniff/sniff.js";
import { type PlacedSource, placed, type TextFile, textOf } from "./text.js";
import { nameInside } from "./unpack.js";

/** Of files that have an object on each line. */
const JSON_NAME = /\.(?:jsonl|ndjson|json)$/i;

/** What is known already, and need not be found out. */
export type SniffOptions = Pick<
	LoadOptions,
	"delimiter" | "quote" | "header" | "encoding" | "nullValues" | "signal" | "onProgress"
>;

/** The sources as one text, and the settings with what was found out of it. */
export async function openInput(
	source: LoadSource | readonly LoadSource[],
	settings: LoadSettings,
): Promise<{ readonly input: LoadInput; readonly settings: LoadSettings }> {
	const sources: readonly LoadSource[] = Array.isArray(source) ? source : [source as LoadSource];
	if (sources.length === 0) throw invalid("There is no file to load");
	const files = sources.map(placed);
	const rejects = placeOfRejects(files, settings.rejects);
	settings.signal?.throwIfAborted();
	const texts = await textsOf(files, settings);
	const isJson = (settings.format ?? formatOf(sources[0] as LoadSource)) === "jsonl";
	const onBytes = progress(settings, sizeOf(texts));
	const settled = guardTexts(texts, () => (isJson ? asJson(settings) : settle(settings, texts[0] as TextFile)));
	const { dialect, header, signal } = settled;
	const input = await LoadInput.open(texts, { dialect, header: header && !isJson, signal, onBytes });
	if (isJson && isArray(input.head)) {
		input.close();
		throw invalid(
			`${input.name} is one JSON array. What is loaded are lines with an object each, which jq -c '.[]' makes of it.`,
			{ file: input.name },
		);
	}
	return { input, settings: { ...settled, rejects } };
}

function formatOf(source: LoadSource): LoadFormat {
	return typeof source === "string" && JSON_NAME.test(nameInside(source)) ? "jsonl" : "csv";
}

/** Whether a text of JSON is not lines but begins one value that holds all. */
function isArray(head: Uint8Array): boolean {
	const text = new TextDecoder().decode(head).trimStart();
	if (!text.startsWith("[")) return false;
	const [line = "", ...others] = text.split("\n");
	try {
		JSON.parse(line);
		return others.join("").trim() === "";
	} catch {
		return true;
	}
}

/** Keys name the columns, and quotes are not what keeps records together. */
function asJson(settings: LoadSettings): LoadSettings {
	const { given, nullValues, dialect } = settings;
	const isOfCsv = [given.delimiter, given.quote, given.header].some((one) => one !== undefined) || nullValues.size > 0;
	if (isOfCsv) throw invalid("Delimiter, quote, header and texts for NULL are for CSV, not for JSON Lines");
	return { ...settings, format: "jsonl", dialect: { ...dialect, quote: "" }, header: true };
}

/** Finds out what was not said of the text. */
function settle(settings: LoadSettings, text: TextFile): LoadSettings {
	const { given, dialect } = settings;
	if (![given.delimiter, given.quote, given.header].includes(undefined)) return settings;
	const found = sniffText(text, given);
	if (found === undefined) return settings;
	const { delimiter, quote, header } = found;
	return { ...settings, dialect: { ...dialect, delimiter, quote }, header };
}

/** How a file of CSV is to be read: what the options do not say is found out from a sample of all parts of it. */
export async function sniffCsv(source: LoadSource, options: SniffOptions = {}): Promise<SniffedCsv> {
	const settings = checkOptions({ ...options, table: "sniffed" });
	const [text] = (await textsOf([placed(source)], settings)) as [TextFile];
	return guardTexts([text], () => {
		const found = sniffText(text, settings.given);
		text.remove();
		if (found !== undefined) return found;
		throw invalid(`${text.name} is empty, or its first record is too long to be seen whole`, { file: text.name });
	});
}

function guardTexts<T>(texts: readonly TextFile[], work: () => T): T {
	try {
		return work();
	} catch (error) {
		for (const text of texts) text.remove();
		throw error;
	}
}

/** Where rejected rows are to be found in the text. */
export function locatorOf(input: LoadInput, { dialect, format }: LoadSettings): RecordLocator {
	const newline = format === "jsonl" ? "\n" : findNewline(input.head, dialect);
	return new RecordLocator(input, bytesOf(dialect, newline));
}

async function textsOf(sources: readonly PlacedSource[], settings: LoadSettings): Promise<readonly TextFile[]> {
	const { encoding, signal } = settings;
	const texts: TextFile[] = [];
	try {
		const total = sizeOf(sources);
		let before = 0;
		for (const source of sources) {
			const tell = progress(settings, total);
			texts.push(await textOf(source, { encoding, signal, onBytes: (bytes) => tell(before + bytes) }));
			before += sizeOf([source]);
		}
		return texts;
	} catch (error) {
		for (const text of texts) text.remove();
		throw error;
	}
}

function progress({ onProgress }: LoadSettings, totalBytes: number): (bytes: number) => void {
	return (bytes) => onProgress({ phase: "read", bytes, totalBytes, rows: 0, rejected: 0 });
}

/** Of all files together; 0 where that is not known. Whether they can be read is for the reading to say. */
function sizeOf(files: readonly { readonly path?: string | undefined }[]): number {
	const storage = new NodeStorage();
	let bytes = 0;
	for (const { path } of files) {
		if (path === undefined) return 0;
		try {
			const file = storage.openRead(path);
			bytes += file.size();
			file.close();
		} catch {
			return 0;
		}
	}
	return bytes;
}

function placeOfRejects(sources: readonly PlacedSource[], rejects: string | undefined): string | undefined {
	if (rejects === undefined) return undefined;
	const place = new NodeStorage().resolve(rejects);
	if (sources.some(({ path }) => path === place)) throw invalid("The rejects file is the file to load");
	return place;
}
