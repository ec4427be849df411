/* What `wlsm get` does, with a stop watch; started by large.ts. */
const node = performance.now();

export interface ShellJob {
	readonly directory: string;
	readonly key: string;
}

/** Seconds of each part; `node`: from the start of the process to its first line. */
export interface ShellSplit {
	readonly node: number;
	readonly load: number;
	readonly open: number;
	readonly get: number;
	readonly close: number;
}

const times = [node];
const { directory, key } = JSON.parse(process.argv[2] ?? "{}") as ShellJob;
const { openKeyValue } = await import("../host/key-value.js");
times.push(performance.now());
const db = await openKeyValue(directory, { readOnly: true, createIfMissing: false });
times.push(performance.now());
if ((await db.get(key)) === undefined) throw new Error(`no ${key} in ${directory}`);
times.push(performance.now());
await db.close();
times.push(performance.now());
const took = (part: number) => ((times[part] as number) - (times[part - 1] as number)) / 1000;
const split: ShellSplit = { node: node / 1000, load: took(1), open: took(2), get: took(3), close: took(4) };
process.stdout.write(JSON.stringify(split));
