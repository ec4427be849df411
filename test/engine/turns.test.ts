import { suite } from "uvu";
import * as assert from "uvu/assert";
import { overKernels } from "../support/openers.js";

const turns = suite("turns of the event loop");

overKernels(turns, "operations that are awaited one after the other let timers run", async ({ open }) => {
	const db = await open(":memory:");
	for (let number = 0; number < 5000; number++) db.putSync(`key ${number}`, "value");
	const works: { readonly [name: string]: (number: number) => Promise<unknown> } = {
		put: (number) => db.put(`more ${number}`, "value"),
		get: (number) => db.get(`key ${number % 5000}`),
		getMany: (number) => db.getMany([`key ${number % 5000}`, `key ${(number + 1) % 5000}`]),
		has: (number) => db.has(`key ${number % 5000}`),
		scan: async () => {
			for await (const _ of db.entries());
		},
	};
	for (const [name, work] of Object.entries(works)) {
		let fired = false;
		const timer = setTimeout(() => {
			fired = true;
		}, 1);
		let number = 0;
		const most = name === "scan" ? 2000 : 1_000_000;
		while (!fired && number < most) await work(number++);
		clearTimeout(timer);
		assert.ok(fired, `${name}: no timer ran in ${number} operations`);
	}
	await db.close();
});

overKernels(turns, "an iterator that is closed while its step waits ends", async ({ open }) => {
	const db = await open(":memory:");
	for (let number = 0; number < 5000; number++) db.putSync(`key ${number}`, "value");
	for (let steps = 0; steps < 40; steps++) {
		const iterator = db.entries();
		const stepping = iterator[Symbol.asyncIterator]();
		const last = Array.from({ length: 1 + 100 * steps }, () => stepping.next()).at(-1);
		iterator.close();
		const { done, value } = (await last) ?? {};
		assert.ok(done ? value === undefined : Array.isArray(value));
	}
	await db.close();
});

turns.run();
