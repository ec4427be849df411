import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryStorage } from "../../host/storage/index.js";
import { openStorage } from "../support/database.js";
import { makeHistory } from "./histories.js";
import { checkHistory } from "./history-check.js";
import { Violation, type Wrong } from "./ledger.js";
import { type Ending, History, type Session, type Step } from "./recorded-history.js";

const test = suite("checker of histories");

const put = (key: string, value: string): Step => ({ kind: "put", key, value });
const get = (key: string, value: string | undefined): Step => ({ kind: "get", key, value });
const drop = (gte: string, lt: string): Step => ({ kind: "deleteRange", gte, lt });

/** A transaction that began at a moment and ended at another. */
function transaction(history: History, began: number, ended: number, ending: Ending, ...steps: Step[]): Session {
	const session = {
		...history.begin("tx", true),
		began,
		seen: began,
		asked: ended,
		settled: ended + 0.5,
		ending,
		steps,
	};
	history.sessions.pop();
	history.sessions.push(session);
	return session;
}

function found(history: History): Wrong | "sound" {
	try {
		checkHistory(history);
		return "sound";
	} catch (error) {
		if (error instanceof Violation) return error.kind;
		throw error;
	}
}

/** What the checker says of two transactions after a first commit of a = 0 and b = 0. */
function verdict(...rest: [began: number, ended: number, ending: Ending, ...steps: Step[]][]): Wrong | "sound" {
	const history = new History();
	transaction(history, 1, 2, "committed", put("a", "0"), put("b", "0"));
	for (const [began, ended, ending, ...steps] of rest) transaction(history, began, ended, ending, ...steps);
	return found(history);
}

test("knows each anomaly, and what is none", () => {
	const first = [5, 10, "committed", get("a", "0"), put("a", "1")] as const;
	const cases: Record<string, [Wrong | "sound", ...Parameters<typeof verdict>]> = {
		"own writes are seen": [
			"sound",
			[5, 10, "committed", put("a", "1"), get("a", "1"), drop("a", "b"), get("a", undefined)],
		],
		"a lost update": ["lost", [...first], [6, 11, "committed", get("a", "0"), put("a", "2")]],
		"the second one is refused": ["sound", [...first], [6, 11, "conflict", get("a", "0"), put("a", "2")]],
		"a refusal without a reason": ["wrong", [...first], [6, 11, "conflict", get("a", "0"), put("b", "2")]],
		"a refusal after the other one's end": ["wrong", [...first], [12, 13, "conflict", put("a", "2")]],
		"a range that was written to": ["lost", [...first], [6, 11, "committed", drop("a", "b")]],
		"a range beside it": ["sound", [...first], [6, 11, "committed", drop("aa", "b")]],
		"write skew is allowed": [
			"sound",
			[5, 10, "committed", get("b", "0"), put("a", "1")],
			[6, 11, "committed", get("a", "0"), put("b", "2")],
		],
		"a dirty read": ["wrong", [5, 10, "rolled back", put("a", "1")], [6, 11, "read", get("a", "1")]],
		"a read of what is not committed yet": ["wrong", [...first], [6, 7, "read", get("a", "1")]],
		"a read that does not repeat": ["wrong", [...first], [6, 11, "read", get("a", "0"), get("a", "1")]],
		"half of a commit": [
			"resurrected",
			[5, 10, "committed", put("a", "1"), put("b", "1")],
			[12, 13, "read", get("a", "1"), get("b", "0")],
		],
		"a value that is gone": ["lost", [12, 13, "read", get("a", undefined)]],
		"a value that is back": ["resurrected", [...first], [12, 13, "read", get("a", "0")]],
		"a deleted value that is back": [
			"resurrected",
			[5, 10, "committed", drop("a", "c")],
			[12, 13, "read", get("b", "0")],
		],
		"a value that nobody wrote": ["wrong", [12, 13, "read", get("a", "7")]],
		"a scan that misses an entry": [
			"wrong",
			[12, 13, "read", { kind: "scan", gte: "a", lt: "c", reverse: false, limit: 9, entries: [["a", "0"]] }],
		],
		"a scan in the wrong order": [
			"wrong",
			[
				12,
				13,
				"read",
				{
					kind: "scan",
					gte: "a",
					lt: "c",
					reverse: true,
					limit: 9,
					entries: [
						["a", "0"],
						["b", "0"],
					],
				},
			],
		],
	};
	for (const [name, [expected, ...sessions]] of Object.entries(cases)) assert.is(verdict(...sessions), expected, name);
	assert.is(checkSkews(), 1);
});

function checkSkews(): number {
	const history = new History();
	transaction(history, 1, 2, "committed", put("a", "0"), put("b", "0"));
	transaction(history, 5, 10, "committed", get("a", "0"), get("b", "0"), put("a", "1"));
	transaction(history, 6, 11, "committed", get("a", "0"), get("b", "0"), put("b", "2"));
	transaction(history, 12, 13, "committed", get("a", "1"), get("b", "2"), put("b", "3"));
	return checkHistory(history).skews;
}

test("finds whatever is changed in a history that was sound", async () => {
	const history = await makeHistory(new MemoryStorage(), "/db", 7);
	assert.is(found(history), "sound");
	const { sessions } = history;
	const changed = { reads: 0, endings: 0 };
	for (const [index, session] of sessions.entries()) {
		for (const [at, step] of session.steps.entries()) {
			if (step.kind !== "get") continue;
			const steps = session.steps.with(at, get(step.key, "from nowhere"));
			sessions[index] = { ...session, steps };
			assert.is.not(found(history), "sound", `${session.name} reads what nobody wrote`);
			changed.reads += 1;
		}
		const { ending } = session;
		if (ending === "conflict" || (ending === "committed" && isSeen(history, session))) {
			sessions[index] = { ...session, ending: ending === "conflict" ? "committed" : "rolled back" };
			assert.is.not(found(history), "sound", `${session.name} was ${ending}`);
			changed.endings += 1;
		}
		sessions[index] = session;
	}
	assert.ok(changed.reads > 50 && changed.endings > 50, JSON.stringify(changed));
});

/** Whether another session has read something that this one wrote. */
function isSeen({ sessions }: History, session: Session): boolean {
	const values = session.steps.flatMap((step) => (step.kind === "put" ? [step.value] : []));
	return sessions.some(
		(other) =>
			other !== session && other.steps.some((step) => step.kind === "get" && values.includes(step.value as string)),
	);
}

test("write skew: both transactions commit, as snapshot isolation allows", async () => {
	const db = openStorage(new MemoryStorage(), "/db");
	db.batchSync([
		{ type: "put", key: "on call: ann", value: "yes" },
		{ type: "put", key: "on call: bob", value: "yes" },
	]);
	const leave = (name: string) =>
		db.transaction(async (tx) => {
			const others = await tx.keys({ prefix: "on call: " }).all();
			await Promise.resolve();
			if (others.length > 1) await tx.delete(`on call: ${name}`);
		});
	await Promise.all([leave("ann"), leave("bob")]);
	assert.equal([...db.keys()], []);
	db.closeSync();
});

test.run();
