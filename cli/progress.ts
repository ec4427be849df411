import type { LoadProgress } from "../host/load/index.js";

export interface Progress {
	update(now: LoadProgress): void;
	/** Removes what stands on the screen. Repeating is harmless. */
	stop(): void;
}

const lineEveryMilliseconds = 5000;

/** A bar on a terminal; elsewhere a plain line every few seconds, so that a log of a long load shows that it lives. */
export async function progressOn(stream: NodeJS.WriteStream): Promise<Progress> {
	return stream.isTTY ? bar(stream) : lines(stream);
}

async function bar(stream: NodeJS.WriteStream): Promise<Progress> {
	const { default: cliProgress } = await import("cli-progress");
	const format = "{phase} [{bar}] {percentage}% | {rows} rows | {megabytes} MB/s | {remaining}";
	const shown = new cliProgress.SingleBar(
		{ format, stream, hideCursor: null, clearOnComplete: true, noTTYOutput: false },
		cliProgress.Presets.legacy,
	);
	const started = Date.now();
	let begun: "no" | "yes" = "no";
	return {
		update(now) {
			const seconds = (Date.now() - started) / 1000;
			const rate = now.bytes / Math.max(seconds, 0.001);
			const left = rate > 0 ? (now.totalBytes - now.bytes) / rate : 0;
			const payload = {
				phase: now.phase === "scan" ? "reading types" : "loading",
				rows: now.rows,
				megabytes: (rate / 1e6).toFixed(1),
				remaining: `${Math.ceil(left)} s left`,
			};
			if (begun === "no") shown.start(now.totalBytes, now.bytes, payload);
			else shown.update(now.bytes, payload);
			begun = "yes";
		},
		stop() {
			if (begun === "yes") shown.stop();
			begun = "no";
		},
	};
}

function lines(stream: NodeJS.WriteStream): Progress {
	let last = Date.now();
	return {
		update(now) {
			if (Date.now() - last < lineEveryMilliseconds) return;
			last = Date.now();
			const percentage = Math.floor((now.bytes / Math.max(now.totalBytes, 1)) * 100);
			stream.write(`${now.phase === "scan" ? "reading types" : "loading"}: ${percentage} %, ${now.rows} rows\n`);
		},
		stop() {},
	};
}
