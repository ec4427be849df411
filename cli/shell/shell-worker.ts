/** The thread with the database: statements block it, while the other one stays open to Ctrl-C. */

import { parentPort, workerData } from "node:worker_threads";
import { type Access, type Database, openFor } from "../database.js";
import { errorText } from "../error-text.js";
import { columnsOf, tableNames } from "../names.js";
import { visible } from "../output.js";
import { colours, type Look, plainPaint } from "../style.js";
import { InputBuffer } from "./input.js";
import type { FromSession, Names, SessionData, ToSession } from "./protocol.js";
import { countStatements, ShellSession } from "./session.js";

const data = workerData as SessionData;
const flag = new Int32Array(data.stop);
const buffer = new InputBuffer(countStatements);
let db: Database | undefined;
let look: Look = { paint: plainPaint, display: visible };
let running = new AbortController();
let waiting: (() => void) | undefined;
let text = "";

const postedLength = 16 * 1024;

function say(message: FromSession): void {
	parentPort?.postMessage(message);
}

async function flush(): Promise<void> {
	if (text === "") return;
	say({ kind: "output", text });
	text = "";
	await new Promise<void>((resolve) => {
		waiting = resolve;
	});
}

async function opened(access: Access): Promise<Database> {
	db ??= await openFor(data.opening, access);
	return db;
}

const session = new ShellSession({
	open: () => opened(data.readOnly ? "read" : "create"),
	screen: {
		get look() {
			return look;
		},
		async write(piece) {
			text += piece;
			if (text.length >= postedLength) await flush();
		},
		flush,
	},
	stop: {
		get aborted() {
			return Atomics.load(flag, 0) === 1;
		},
	},
	signal: () => running.signal,
	format: data.format,
	timeoutMs: data.timeoutMs,
	chatty: true,
});

async function runLine(line: string): Promise<void> {
	running = new AbortController();
	let failure: string | undefined;
	let outcome: "quit" | "done" = "done";
	try {
		const input = buffer.add(line);
		if (input !== undefined) outcome = await session.run(input);
	} catch (error) {
		buffer.clear();
		failure = isStop(error) ? "Stopped." : visible(errorText(error));
	}
	await flush();
	const state = outcome === "quit" ? "quit" : buffer.pending === "" ? "ready" : "pending";
	say({ kind: "done", state, failure });
}

function isStop(error: unknown): boolean {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	return code === "WLSM_ABORTED" || (running.signal.aborted && error === running.signal.reason);
}

/** None where they cannot be had: a statement will say why. */
function namesOf(database: Database | undefined): Names {
	const none = { tables: [], functions: [] };
	if (database === undefined) return none;
	try {
		const tables = tableNames(database).map((name) => ({ name, columns: columnsOf(database, name) }));
		const functions = database.sql.prepare("SELECT DISTINCT name FROM pragma_function_list").pluck().all();
		return { tables, functions: functions as string[] };
	} catch {
		return none;
	}
}

async function close(): Promise<void> {
	const transaction = db?.sql.inTransaction === true ? "open" : "none";
	session.sink.redirect(undefined);
	await db?.close();
	say({ kind: "closed", transaction });
}

function fail(error: unknown): void {
	const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
	say({ kind: "failed", message: error instanceof Error ? error.message : String(error), code });
}

function receive(message: ToSession): void {
	switch (message.kind) {
		case "line":
			look = { width: message.width, paint: message.colours ? colours : plainPaint, display: visible };
			runLine(message.text).catch(fail);
			break;
		case "clear":
			buffer.clear();
			break;
		case "more":
			waiting?.();
			break;
		case "stop":
			running.abort();
			break;
		case "names":
			say({ kind: "names", names: namesOf(db) });
			break;
		case "close":
			close().catch(fail);
			break;
	}
}

/** A database that is not there yet is made when something is done with it. */
async function begin(): Promise<void> {
	try {
		await opened(data.readOnly ? "read" : "change");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (code !== "WLSM_NOT_FOUND" || data.readOnly) {
			fail(error);
			return;
		}
	}
	parentPort?.on("message", receive);
	say({ kind: "ready", isNew: db === undefined });
}

await begin();
