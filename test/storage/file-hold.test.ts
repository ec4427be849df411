/* Files held by Deno's calls, which stand-ins answer here; npm run test:runtimes holds them in Deno itself. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { holdFile, isFileHeld } from "../../host/storage/file-hold.js";
import { withPlatform } from "../support/patched.js";

const test = suite("files that are held");

/** A system of files that may be held once exclusively, or shared. */
function withDeno(work: (open: Set<object>) => void, tryLockSync?: (() => never) | "absent"): void {
	const open = new Set<object>();
	const exclusive = new Map<string, object>();
	const openSync = (path: string) => {
		if (path === "missing") throw new Error("NotFound");
		const file = {
			tryLockSync:
				tryLockSync === "absent"
					? undefined
					: (tryLockSync ??
						((isExclusive: boolean) => {
							if (exclusive.has(path)) return false;
							if (isExclusive) exclusive.set(path, file);
							return true;
						})),
			close: () => {
				open.delete(file);
				if (exclusive.get(path) === file) exclusive.delete(path);
			},
		};
		open.add(file);
		return file;
	};
	Object.assign(globalThis, { Deno: { openSync } });
	try {
		withPlatform("linux", () => work(open));
	} finally {
		Reflect.deleteProperty(globalThis, "Deno");
	}
}

test("are held until they are released, once at a time", () => {
	withDeno((open) => {
		assert.is(isFileHeld("a"), false);
		const hold = holdFile("a");
		assert.ok(hold !== undefined);
		assert.is(isFileHeld("a"), true);
		assert.is(holdFile("a"), undefined);
		assert.is(isFileHeld("b"), false);
		assert.is(open.size, 1, "what was opened to look is closed");
		hold.release();
		assert.is(isFileHeld("a"), false);
		assert.is(open.size, 0);
	});
});

test("are not where there is no such call, it fails, or the file is missing", () => {
	const nothing = (open: Set<object>) => {
		assert.is(holdFile("a"), undefined);
		assert.is(isFileHeld("a"), undefined);
		assert.is(open.size, 0);
	};
	withDeno(nothing, "absent");
	withDeno(nothing, () => {
		throw new Error("ENOLCK");
	});
	withDeno(() => {
		assert.is(holdFile("missing"), undefined);
		assert.is(isFileHeld("missing"), undefined);
	});
	if (!("Deno" in globalThis)) nothing(new Set());
});

test("are not on Windows, where nobody else could read them", () => {
	withDeno(() =>
		withPlatform("win32", () => {
			assert.is(holdFile("a"), undefined);
			assert.is(isFileHeld("a"), undefined);
		}),
	);
});

test.run();
