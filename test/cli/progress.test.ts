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
	assert.match(shown(), /reading types \[-+\] 0% \| 0 B of 200 B \| 0 rows \| 0 rows\/s/);
	assert.not.match(shown(), / 0% [^[]* left/, "of the first bytes nothing can be told");
	progress.update({ ...now, bytes: 100 });
	progress.stop();
	assert.match(shown(), /loading \[=+-+\] 50% \| 100 B of 200 B \| 20 rows/);
	progress.update({ ...now, phase: "read", totalBytes: 0 });
	progress.stop();
	assert.match(shown(), /reading \[-+\] 0% \| 50 B/);
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
		time += 10_000;
		progress.update({ ...now, phase: "scan", bytes: 100, rows: 3000, rejected: 2 });
		time += 10_000;
		progress.update({ ...now, phase: "read", bytes: 5, totalBytes: 0 });
		assert.is(
			shown(),
			[
				"loading: 25 %, 50 B of 200 B, 20 rows, 3 rows/s, 18.0 s left",
				"reading types: 0 B, 20 rows, 20,000 rows/s",
				"reading types: 50 %, 100 B of 200 B, 3,000 rows, 300 rows/s, 10.0 s left, 2 rejected",
				"reading: 5 B",
				"",
			].join("\n"),
		);
	} finally {
		Date.now = clock;
	}
});

test.run();
