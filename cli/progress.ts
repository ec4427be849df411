import type { LoadProgress } from "../host/load/index.js";
import { durationText, numberOf, sizeText } from "./format/units.js";

export interface Progress {
	update(now: LoadProgress): void;
	/** Removes what stands on the screen. Repeating is harmless. */
	stop(): void;
}

const PHASES = { read: "reading", scan: "reading types", load: "loading" } as const;
const lineEveryMilliseconds = 5000;

/** A bar on a terminal; elsewhere a plain line every few seconds, so that a log of a long load shows that it lives. */
export async function progressOn(stream: NodeJS.WriteStream): Promise<Progress> {
	return stream.isTTY ? bar(stream) : lines(stream);
}

async function bar(stream: NodeJS.WriteStream): Promise<Progress> {
	const { default: cliProgress } = await import("cli-progress");
	const shown = new cliProgress.SingleBar(
		{
			// The figures say more than a long bar; what does not fit is cut off.
			barsize: Math.max(5, Math.min(40, stream.columns - 80)),
			format: "{phase} [{bar}] {percentage}% | {figures}",
			stream,
			hideCursor: null,
			clearOnComplete: true,
			noTTYOutput: false,
		},
		cliProgress.Presets.legacy,
	);
	const pace = new Pace();
	let begun: "no" | "yes" = "no";
	return {
		update(now) {
			const payload = { phase: PHASES[now.phase], figures: pace.figures(now).join(" | ") };
			// Where the length is not known the bar stays at its beginning.
			const [total, done] = now.totalBytes === 0 ? [1, 0] : [now.totalBytes, Math.min(now.bytes, now.totalBytes)];
			if (begun === "no") shown.start(total, done, payload);
			else {
				shown.setTotal(total);
				shown.update(done, payload);
			}
			begun = "yes";
		},
		stop() {
			if (begun === "yes") shown.stop();
			begun = "no";
		},
	};
}

function lines(stream: NodeJS.WriteStream): Progress {
	const pace = new Pace();
	let last = Date.now();
	return {
		update(now) {
			pace.see(now);
			if (Date.now() - last < lineEveryMilliseconds) return;
			last = Date.now();
			const share = now.totalBytes === 0 ? [] : [`${Math.floor((now.bytes / now.totalBytes) * 100)} %`];
			stream.write(`${PHASES[now.phase]}: ${[...share, ...pace.figures(now)].join(", ")}\n`);
		},
		stop() {},
	};
}

/** How fast a load is, since its present phase began. */
class Pace {
	#phase: LoadProgress["phase"] | undefined;
	#started = 0;

	see({ phase }: LoadProgress): void {
		if (phase === this.#phase) return;
		this.#phase = phase;
		this.#started = Date.now();
	}

	/** Bytes, rows, rows each second, time that is left, rejected rows: those that are known. */
	figures(now: LoadProgress): string[] {
		this.see(now);
		const milliseconds = Math.max(1, Date.now() - this.#started);
		const { totalBytes, rows, rejected } = now;
		const bytes = totalBytes === 0 ? now.bytes : Math.min(now.bytes, totalBytes);
		const left = ((totalBytes - bytes) * milliseconds) / Math.max(1, bytes);
		// Of the first few bytes nothing can be told: threads report parts, not bytes.
		const isKnown = totalBytes > 0 && bytes >= totalBytes / 100;
		return [
			totalBytes === 0 ? sizeText(bytes) : `${sizeText(bytes)} of ${sizeText(totalBytes)}`,
			...(now.phase === "read"
				? []
				: [`${numberOf(rows)} rows`, `${numberOf(Math.round((rows * 1000) / milliseconds))} rows/s`]),
			...(isKnown ? [`${durationText(left)} left`] : []),
			...(rejected === 0 ? [] : [`${numberOf(rejected)} rejected`]),
		];
	}
}
