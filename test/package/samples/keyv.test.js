/* Keyv's own tests of adapters, by vitest, which they are written for. */
import suite, { keyvIteratorTests } from "@keyv/test-suite";
import Keyv from "keyv";
import * as vitest from "vitest";

// Where the module under test is, and a folder to write to.
const { KeyvWlsm } = await import(process.env.WLSM_KEYV);
const folder = process.env.WLSM_FOLDER;

for (const kernel of ["wasm", "ts"]) {
	for (const place of [":memory:", `${folder}/${kernel}`]) {
		vitest.describe(`${kernel} ${place}`, () => {
			const owner = new KeyvWlsm(place, { kernel });
			// A Keyv tells its store its namespace: each has one of its own.
			const store = () => new KeyvWlsm(owner.database);
			suite(vitest, Keyv, store);
			keyvIteratorTests(vitest, Keyv, store);
			vitest.afterAll(() => owner.disconnect());
		});
	}
}
