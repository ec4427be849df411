import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { destroyOn } from "../../host/engine/destroy.js";
import { destroy, openSync } from "../../host/index.js";
import { NodeStorage } from "../../host/storage/index.js";
import { rejected, thrown, withDirectory } from "../support/database.js";
import { hookedStorage } from "../support/hooked-storage.js";

const destruction = suite("destroy");

/** A database with tables, logs and range deletions in a directory that is to be. */
async function made(directory: string): Promise<void> {
	const db = openSync(directory, { background: "inline" });
	for (let number = 0; number < 1000; number++) db.putSync(`key ${number}`, "value".repeat(20));
	await db.flush();
	db.deleteRangeSync({ gte: "key 5", lt: "key 6" });
	db.putSync("in the log", "value");
	await db.close();
}

destruction("removes a database and its directory, and tells whether there was one", () =>
	withDirectory(async (parent) => {
		const directory = path.join(parent, "db");
		await made(directory);
		assert.is(await destroy(directory), true);
		assert.not.ok(existsSync(directory));
		assert.is(await destroy(directory), false);
		assert.not.ok(existsSync(directory));
		assert.is(await destroy(path.join(parent, "no", "such", "place")), false);
	}),
);

destruction("leaves everything that is not the database's", () =>
	withDirectory(async (directory) => {
		await made(directory);
		mkdirSync(path.join(directory, "lost"));
		writeFileSync(path.join(directory, "notes.txt"), "mine");
		assert.is(await destroy(directory), true);
		assert.equal(readdirSync(directory).sort(), ["lost", "notes.txt"]);
		assert.is(readFileSync(path.join(directory, "notes.txt"), "utf8"), "mine");
	}),
);

destruction("does not touch directories of others, whose files have the same names", () =>
	withDirectory(async (directory) => {
		writeFileSync(path.join(directory, "000005.sst"), "of another store");
		assert.is(await destroy(directory), false);
		writeFileSync(path.join(directory, "MANIFEST-000004"), "of another store");
		writeFileSync(path.join(directory, "CURRENT"), "MANIFEST-000004\n");
		await rejected(() => destroy(directory), "WLSM_CORRUPTION");
		assert.equal(readdirSync(directory).sort(), ["000005.sst", "CURRENT", "MANIFEST-000004"]);
	}),
);

destruction("refuses while the database is open, and places that are none", () =>
	withDirectory(async (directory) => {
		const db = openSync(directory);
		db.putSync("a", "1");
		await rejected(() => destroy(directory), "WLSM_LOCKED");
		assert.is(db.getSync("a"), "1");
		await db.close();
		for (const location of ["", ":memory:", undefined, 5]) {
			await rejected(() => destroy(location as string), "WLSM_INVALID_ARGUMENT");
		}
	}),
);

destruction("is gone on with where it was interrupted, at every change of a file", () =>
	withDirectory(async (parent) => {
		let failures = 0;
		for (let allowed = 0; ; allowed++) {
			const directory = path.join(parent, String(allowed));
			await made(directory);
			let left = allowed;
			const storage = hookedStorage(new NodeStorage(), (operation, file) => {
				const own = operation === "remove" && !path.basename(file).startsWith("LOCK");
				if (own && left-- === 0) throw Object.assign(new Error("EIO"), { code: "EIO" });
			});
			try {
				destroyOn(storage, directory);
				break;
			} catch {
				failures += 1;
			}
			await destroy(directory);
			assert.not.ok(existsSync(directory), `after ${allowed} removals`);
		}
		assert.ok(failures > 3, `${failures} interruptions`);
	}),
);

destruction("of what is damaged", () =>
	withDirectory(async (parent) => {
		const directory = path.join(parent, "db");
		await made(directory);
		const manifest = readdirSync(directory).find((name) => name.startsWith("MANIFEST")) as string;
		writeFileSync(path.join(directory, manifest), "damaged");
		thrown(() => openSync(directory), "WLSM_CORRUPTION");
		assert.is(await destroy(directory), true);
		assert.not.ok(existsSync(directory));
	}),
);

destruction.run();
