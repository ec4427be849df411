import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Events } from "../../host/engine/events.js";
import { formatOwner, parseOwner } from "../../host/engine/lock-owner.js";
import { type Logger, open, openSync } from "../../host/index.js";
import { MemoryStorage } from "../../host/storage/index.js";
import { openStorage, rejected, thrown, withDirectory } from "../support/database.js";
import { hookedStorage, systemError } from "../support/hooked-storage.js";

const events = suite("events");

const OPTIONS = { memtableBytes: 16 << 10, blockBytes: 512, compression: "none", background: "inline" } as const;
const CHANNELS = ["open", "close", "lock", "recovery", "cleanup", "flush", "compaction", "stall", "error"];

type Fields = Record<string, unknown>;

/** A logger that keeps what it is told. */
function listener(): { logger: Logger; told: Fields[]; of: (event: string) => Fields[] } {
	const told: Fields[] = [];
	return { logger: (_, fields) => told.push(fields), told, of: (name) => told.filter(({ event }) => event === name) };
}

/** What is published while `work` runs, by channel. */
async function published(work: () => unknown): Promise<Map<string, Fields[]>> {
	const messages = new Map<string, Fields[]>();
	const subscriptions = CHANNELS.map((name) => {
		const channel = `wlsm:${name}`;
		messages.set(channel, []);
		return [channel, (message: unknown) => messages.get(channel)?.push(message as Fields)] as const;
	});
	for (const [channel, receive] of subscriptions) subscribe(channel, receive);
	try {
		await work();
	} finally {
		for (const [channel, receive] of subscriptions) unsubscribe(channel, receive);
	}
	return messages;
}

function isPositive(value: unknown, name: string): void {
	assert.ok(typeof value === "number" && value > 0, `${name} is ${String(value)}`);
}

events("a life on disk, through a logger and the channels at once", () =>
	withDirectory(async (directory) => {
		const { logger, told, of } = listener();
		const messages = await published(async () => {
			const db = await open(directory, { ...OPTIONS, background: "worker", logger });
			for (let number = 0; number < 1000; number++) await db.put(`key ${number % 200}`, "value ".repeat(20));
			await db.flush();
			await db.compact();
			await db.close();
		});
		for (const [channel, fields] of messages) {
			const sameOfLogger = of(channel).map(({ event, level, ...rest }) => {
				assert.ok(event === channel && ["debug", "info", "warn", "error"].includes(String(level)));
				return rest;
			});
			assert.equal(fields, sameOfLogger, channel);
			assert.equal(JSON.parse(JSON.stringify(fields)), fields, "plain data");
			for (const { location } of fields) assert.is(location, directory);
		}
		assert.is(told[0]?.event, "wlsm:open");
		assert.is(told.at(-1)?.event, "wlsm:close");
		const { readOnly, background, tables, bytes, sequence, milliseconds } = told[0] ?? {};
		assert.equal([readOnly, background, tables, bytes, sequence], [false, "worker", 0, 0, 0]);
		isPositive(milliseconds, "milliseconds of the opening");
		isPositive(told.at(-1)?.milliseconds, "milliseconds of the closing");
		const [flush] = of("wlsm:flush");
		assert.is(flush?.outputs, 1);
		for (const name of ["memtables", "writtenBytes", "milliseconds"]) isPositive(flush?.[name], name);
		const compactions = of("wlsm:compaction");
		const merged = compactions.find(({ moved }) => moved === false);
		assert.equal([merged?.inputLevel, merged?.outputLevel], [0, 1]);
		for (const name of ["inputs", "outputs", "readBytes", "writtenBytes", "milliseconds"])
			isPositive(merged?.[name], name);
		assert.equal(of("wlsm:error"), []);
	}),
);

events("a table that just changes its level", async () => {
	const { logger, of } = listener();
	const db = openStorage(new MemoryStorage(), "/db", { ...OPTIONS, logger });
	db.putSync("a", "1");
	await db.compact();
	const { event: _, level: __, location: ___, ...fields } = of("wlsm:compaction")[0] ?? {};
	assert.equal(fields, {
		inputLevel: 0,
		outputLevel: 1,
		moved: true,
		inputs: 1,
		readBytes: 0,
		outputs: 1,
		writtenBytes: 0,
		milliseconds: 0,
	});
	db.closeSync();
});

events("logs that are replayed, and how much of them was dropped", async () => {
	const storage = new MemoryStorage();
	// Dropped without being closed, as by a crash.
	openStorage(storage, "/db", OPTIONS).putSync("a", "1");
	const again = listener();
	const second = openStorage(storage, "/db", { ...OPTIONS, logger: again.logger });
	second.putSync("b", "2");
	const [whole] = again.of("wlsm:recovery");
	assert.equal(
		[whole?.level, whole?.logs, whole?.operations, whole?.tornBytes, whole?.file],
		["info", 1, 1, 0, undefined],
	);
	const log = storage.list("/db").find((name) => name.endsWith(".wal")) as string;
	const file = storage.openAppend(`/db/${log}`);
	file.writeSync(Buffer.alloc(13, 7), 0, 13);
	const reader = listener();
	openStorage(storage, "/db", { ...OPTIONS, readOnly: true, logger: reader.logger }).closeSync();
	assert.is(reader.of("wlsm:recovery")[0]?.level, "info", "a reader may come in the middle of a write");
	const torn = listener();
	const third = openStorage(storage, "/db", { ...OPTIONS, logger: torn.logger });
	const [fields] = torn.of("wlsm:recovery");
	assert.equal([fields?.level, fields?.operations, fields?.tornBytes, fields?.file], ["warn", 2, 13, `/db/${log}`]);
	assert.equal([third.getSync("a"), third.getSync("b")], ["1", "2"]);
	third.closeSync();
	const clean = listener();
	openStorage(storage, "/db", { ...OPTIONS, logger: clean.logger }).closeSync();
	assert.is(clean.of("wlsm:recovery")[0]?.tornBytes, 0);
});

events("leftovers that are removed", () => {
	const storage = new MemoryStorage();
	openStorage(storage, "/db", OPTIONS).closeSync();
	storage.create("/db/000999.sst").close();
	storage.create("/db/of somebody else").close();
	const { logger, of } = listener();
	openStorage(storage, "/db", { ...OPTIONS, logger }).closeSync();
	assert.equal(
		of("wlsm:cleanup").map(({ files }) => files),
		[["000999.sst"]],
	);
});

events("the lock of a process that is gone", () =>
	withDirectory(async (directory) => {
		const lock = path.join(directory, "LOCK");
		const db = openSync(directory, OPTIONS);
		const owner = parseOwner(readFileSync(lock));
		db.closeSync();
		const { pid } = spawnSync(process.execPath, ["-e", ""]);
		if (owner === undefined) throw new Error("the lock cannot be read");
		writeFileSync(lock, formatOwner({ ...owner, pid, startTime: "long ago" }));
		const { logger, of } = listener();
		openSync(directory, { ...OPTIONS, logger }).closeSync();
		const [fields] = of("wlsm:lock");
		assert.equal([fields?.level, fields?.pid, fields?.hostname], ["warn", pid, owner.hostname]);
		const next = listener();
		openSync(directory, { ...OPTIONS, logger: next.logger }).closeSync();
		assert.equal(next.of("wlsm:lock"), []);
	}),
);

events("commits that wait", () =>
	withDirectory(async (directory) => {
		const { logger, of } = listener();
		const db = openSync(directory, { ...OPTIONS, background: "worker", logger });
		for (let number = 0; number < 20_000; number++) db.putSync(`key ${number}`, "x".repeat(100));
		const stalls = of("wlsm:stall");
		assert.is(stalls.length, (await db.stats()).stalls.count);
		const [{ reason, level, milliseconds } = {}] = stalls;
		assert.ok(reason === "memtables" || reason === "level0");
		assert.is(level, "warn");
		isPositive(milliseconds, "milliseconds");
		await db.close();
	}),
);

events("failures, each once: of the background, and of what ends all writing", async () => {
	let fail = "";
	const storage = hookedStorage(new MemoryStorage(), (operation, file) => {
		if (fail !== "" && operation !== "remove" && file.endsWith(fail)) throw systemError("ENOSPC");
	});
	const { logger, of } = listener();
	const db = openStorage(storage, "/db", { ...OPTIONS, logger });
	db.putSync("a", "1");
	fail = ".sst";
	const background = await rejected(() => db.flush(), "WLSM_IO");
	fail = ".wal";
	const writing = thrown(() => db.putSync("b", "2"), "WLSM_IO");
	thrown(() => db.putSync("c", "3"), "WLSM_IO");
	assert.equal(
		of("wlsm:error").map(({ source, error, level }) => [source, error, level]),
		[
			["background", background, "error"],
			["writing", writing, "error"],
		],
	);
	fail = "";
	db.closeSync();
	assert.is(of("wlsm:error").length, 2);
});

events("a logger for some levels, called as a method", () => {
	const told: unknown[] = [];
	const logger = {
		prefix: "db",
		info(message: string, fields: Readonly<Fields>) {
			told.push([this.prefix, message, fields.event]);
		},
	};
	openStorage(new MemoryStorage(), "/db", { ...OPTIONS, logger }).closeSync();
	assert.equal(told, [
		["db", "the database is open", "wlsm:open"],
		["db", "the database is closed", "wlsm:close"],
	]);
});

events("a logger that fails harms nothing, and is told on the channel for errors", async () => {
	const failure = new Error("no room in the log");
	const loggers: Logger[] = [
		() => {
			throw failure;
		},
		{ info: () => Promise.reject(failure), debug: () => Promise.reject(failure), error: () => Promise.reject(failure) },
	];
	for (const logger of loggers) {
		const messages = await published(async () => {
			const db = openStorage(new MemoryStorage(), "/db", { ...OPTIONS, logger });
			db.putSync("a", "1");
			await db.flush();
			assert.is(await db.get("a"), "1");
			await db.close();
		});
		const errors = messages.get("wlsm:error") ?? [];
		assert.is(errors.length, 3, "open, flush, close");
		for (const { source, error, location } of errors)
			assert.equal([source, error, location], ["logger", failure, "/db"]);
	}
});

events("nothing is made up where nobody listens", async () => {
	const describe = () => {
		throw new Error("called");
	};
	new Events("/db", undefined).tell("flush", describe);
	new Events("/db", { info: () => {} }).tell("flush", describe);
	assert.throws(() => new Events("/db", { debug: () => {} }).tell("flush", describe), "called");
});

events("what is not a logger is refused", () => {
	for (const logger of [1, null, "console", {}, [], { info: 1 }, { info: () => {}, error: "x" }]) {
		const error = thrown(() => openSync(":memory:", { logger: logger as Logger }), "WLSM_INVALID_ARGUMENT");
		assert.match(error.message, "logger");
	}
	for (const logger of [undefined, console, () => {}]) {
		const quiet = logger === console ? { warn: console.warn } : (logger as Logger | undefined);
		openSync(":memory:", { logger: quiet }).closeSync();
	}
});

events.run();
