import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSync } from "../../host/index.js";
import { thrown, withDirectory } from "../support/database.js";
import { Random } from "../support/random.js";

/* More rounds: WLSM_KILLS=1000 npx uvu dist/test/engine "kill\.test\.js$" */
const rounds = Number(process.env.WLSM_KILLS ?? 16);
const script = fileURLToPath(new URL("./kill-child.js", import.meta.url));

interface Writer {
	readonly child: ChildProcess;
	/** Lines of the child so far. */
	readonly lines: string[];
	/** Resolves when it has said so many lines. */
	said(lines: number): Promise<void>;
	kill(): Promise<void>;
}

function startWriter(directory: string, start: number, sync: boolean): Writer {
	const child = spawn(process.execPath, [script, directory, String(start), String(sync)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const lines: string[] = [];
	let wake = () => {};
	const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream });
	reader.on("line", (line) => {
		lines.push(line);
		wake();
	});
	// Everything it wrote has been read when its output is closed.
	const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
	return {
		child,
		lines,
		async said(count) {
			while (lines.length < count && child.exitCode === null) {
				await new Promise<void>((resolve) => {
					wake = resolve;
					void ended.then(resolve);
				});
			}
			assert.is(child.exitCode, null, "the writer ended by itself");
		},
		async kill() {
			child.kill("SIGKILL");
			await ended;
		},
	};
}

const kill = suite("kill");

kill(`nothing acknowledged is lost over ${rounds} rounds of SIGKILL`, async () => {
	const random = new Random(7);
	await withDirectory(async (directory) => {
		let next = 0;
		for (let round = 0; round < rounds; round++) {
			const writer = startWriter(directory, next, random.once(3));
			await writer.said(1 + random.below(random.pick([3, 60, 400])));
			await writer.kill();
			const acknowledged = Number(writer.lines.at(-1) === "open" ? next - 1 : writer.lines.at(-1));
			const db = openSync(directory);
			try {
				const keys = new Set(db.keys());
				// Exactly what was written up to some moment: no holes, and nothing that came back.
				let count = 0;
				while (keys.has(`n${count}`)) count++;
				assert.ok(count > acknowledged, `round ${round}: ${acknowledged} was acknowledged, ${count} entries are there`);
				const twins = Math.ceil(count / 10);
				assert.is(keys.size, count + twins, "what is there is a prefix of what was written");
				for (const [key, value] of db.entries()) {
					const number = Number(key.replace(/\D+/, ""));
					assert.is(value, `${number} `.repeat(number % 50));
				}
				if (round % 8 === 0) assert.equal((await db.verify()).problems, []);
				next = count;
			} finally {
				db.closeSync();
			}
		}
	});
});

kill("a second writer is told the pid of the first; its death frees the lock", async () => {
	await withDirectory(async (directory) => {
		const writer = startWriter(directory, 0, false);
		await writer.said(2);
		const error = thrown(() => openSync(directory), "WLSM_LOCKED");
		assert.match(error.message, new RegExp(`\\b${writer.child.pid}\\b`));
		// Readers may look all the same, while files come and go: each sees a prefix, and none less than the one before.
		let before = 0;
		for (let reading = 0; reading < 100; reading++) {
			const reader = openSync(directory, { readOnly: true });
			const keys = new Set(reader.keys({ prefix: "n" }));
			reader.closeSync();
			let count = 0;
			while (keys.has(`n${count}`)) count++;
			assert.is(keys.size, count);
			assert.ok(count >= before);
			before = count;
			await writer.said(writer.lines.length + 1);
		}
		await writer.kill();
		const db = openSync(directory);
		assert.is(db.getSync("n0"), "");
		thrown(() => openSync(directory), "WLSM_LOCKED");
		db.closeSync();
		openSync(directory).closeSync();
	});
});

kill.run();
