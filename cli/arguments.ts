import { UsageError } from "./exit-code.js";

/** What yargs found on the command line. Texts stay texts, however much they look like numbers; of repeated options the last counts. */
export class Arguments {
	readonly #values: Readonly<Record<string, unknown>>;

	constructor(values: Readonly<Record<string, unknown>>) {
		this.#values = values;
	}

	/** A positional argument or the value of an option. */
	text(name: string): string | undefined {
		return this.list(name).at(-1);
	}

	/** A positional argument that yargs has made sure of. */
	required(name: string): string {
		const value = this.text(name);
		if (value === undefined) throw new UsageError(`${name} is missing`);
		return value;
	}

	list(name: string): string[] {
		const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
		if (value === undefined) return [];
		return (Array.isArray(value) ? value : [value]).map((item) => withoutMark(String(item)));
	}

	flag(name: string): boolean {
		const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
		return (Array.isArray(value) ? value.at(-1) : value) === true;
	}

	wholeNumber(name: string, least: number): number | undefined {
		const text = this.text(name);
		if (text === undefined) return undefined;
		const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
		if (Number.isSafeInteger(value) && value >= least) return value;
		throw new UsageError(`--${name} must be a whole number of at least ${least}, not ${JSON.stringify(text)}`);
	}

	oneOf<T extends string, D extends T | undefined>(name: string, choices: readonly T[], otherwise: D): T | D {
		const text = this.text(name);
		if (text === undefined) return otherwise;
		const choice = choices.find((candidate) => candidate === text);
		if (choice !== undefined) return choice;
		throw new UsageError(`--${name} must be one of ${choices.join(", ")}, not ${JSON.stringify(text)}`);
	}
}

// yargs counts what follows "--" among a command's arguments only where they are variadic, empties a lone "-", and shows its help
// where the last argument is "help". So words that are not what they look like get a mark that no real argument can have.
const mark = "\0";
const dashOrNegativeNumber = /^-(?:[0-9.].*)?$/;

export function markPlainWords(words: readonly string[]): string[] {
	const separator = words.includes("--") ? words.indexOf("--") : words.length;
	const isPlain = (word: string, at: number) => dashOrNegativeNumber.test(word) || (word === "help" && at > 0);
	const before = words.slice(0, separator).map((word, at) => (isPlain(word, at) ? mark + word : word));
	return [...before, ...words.slice(separator + 1).map((word) => mark + word)];
}

function withoutMark(word: string): string {
	return word.startsWith(mark) ? word.slice(mark.length) : word;
}
