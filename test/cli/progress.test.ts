import { PassThrough } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { progressOn } from "../../cli/progress.js";

const test = suite("command line: progress");

/** A stream that keeps what is written to it. */
function screen(isTTY: boolean): { stream: NodeJS.WriteStream; shown: () => string } {
	const stream = new PassThrough();
	let text = "";
	stream.on("data", (chunk) => {
		text += chunk;
	});
	// What draws on it asks for these.
	const terminal = Object.assign(stream, { isTTY, columns: 120, cursorTo: () => true, clearLine: () => true });
	return { stream: terminal as unknown as NodeJS.WriteStream, shown: () => text };
}

const now = { phase: "load", rows: 20, rejected: 0, bytes: 50, totalBytes: 200 } as const;

test("on a terminal a bar, which goes at the end", async () => {
	const { stream, shown } = screen(true);
	const progress = await progressOn(stream);
	progress.stop();
	assert.is(shown(), "", "nothing has begun");
	progress.update({ ...now, phase: "scan", bytes: 0, rows: 0 });
	progress.update(now);
	progress.stop();
	progress.stop();
	assert.match(shown(), /reading types \[-+\] 0% \| 0 rows \| 0\.0 MB\/s \| 0 s left/);
	progress.update({ ...now, bytes: 100 });
	progress.stop();
	assert.match(shown(), /loading \[=+-+\] 50% \| 20 rows/);
});

test("elsewhere a line every few seconds", async () => {
	const { now: clock } = Date;
	let time = clock();
	Date.now = () => time;
	try {
		const { stream, shown } = screen(false);
		const progress = await progressOn(stream);
		progress.update(now);
		time += 6000;
		progress.update(now);
		progress.update({ ...now, bytes: 60 });
		time += 6000;
		progress.update({ ...now, phase: "scan", bytes: 0, totalBytes: 0 });
		progress.stop();
		assert.is(shown(), "loading: 25 %, 20 rows\nreading types: 0 %, 20 rows\n");
	} finally {
		Date.now = clock;
	}
});

test.run();
