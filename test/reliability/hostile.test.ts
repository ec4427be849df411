import { suite } from "uvu";
import * as assert from "uvu/assert";
import { STATUS_ABSENT } from "../../assembly/shared/status.js";
import type { KernelMaker } from "../../host/engine/open.js";
import type { ResolvedOptions } from "../../host/options.js";
import { DATABASE_ID } from "../format/sample.js";
import { openStorage } from "../support/database.js";
import { fileSeed, type Part, partsOf, reseal } from "../support/forge.js";
import { IMAGE_DIRECTORY, storageOf, withFile } from "../support/image.js";
import { expectClean } from "./expect-clean.js";
import { type Examination, examine } from "./hostile/examine.js";
import { Guards } from "./hostile/guards.js";
import { KernelPool } from "./hostile/kernel-pool.js";
import { mend } from "./hostile/mend.js";
import { soundRows, useRows } from "./hostile/rows.js";
import { hostileSubjects, type Subject } from "./hostile/subjects.js";
import { hostileCampaign } from "./hostile.js";

const hostile = suite("reliability: hostile files");
const subjects = await hostileSubjects();
const [crashed] = subjects as [Subject];
const { make } = new KernelPool();

hostile("a sample of all damage", async () => {
	const { counts } = await expectClean(hostileCampaign);
	for (const what of ["refused", "found", "sound", "unnoticed", "repaired entries", "forged sst", "forged wal"]) {
		assert.ok((counts[what] ?? 0) > 0, what);
	}
});

hostile("undamaged, each of the subjects is sound with either kernel, and a repair keeps all of it", async () => {
	for (const subject of subjects) {
		if (subject.partial) continue;
		const damage = { kind: "none", what: "", files: [], image: subject.image };
		const truth = subject.states.slice(-1);
		for (const firstOpening of ["reader", "writer"] as const) {
			assert.is(await examine({ subject, damage, truth, firstOpening, kernelOf: make }), "sound");
		}
		for (const kernel of ["wasm", "ts"] as const) {
			assert.is(await mend(subject, damage, truth, kernel, make, "twice"), truth[0]?.size);
		}
	}
});

/** The examination of a table one value of which was changed, with its checksum made right. */
function unnoticeable(): Examination {
	const name = crashed.homes.get("key 1") as string;
	const table = Uint8Array.from(crashed.image.get("000005.sst") as Uint8Array);
	assert.ok(name !== "000005.sst");
	const block = partsOf(table).find((part) => part.name === "data") as Part;
	// The last byte of the block's last value.
	table[block.offset + block.length - 1] = (table[block.offset + block.length - 1] as number) ^ 1;
	reseal(table, block, fileSeed(DATABASE_ID, 5));
	const image = withFile(crashed.image, "000005.sst", table);
	const damage = { kind: "flipped", what: "", files: ["000005.sst"], image };
	return { subject: crashed, damage, truth: crashed.states.slice(-1), firstOpening: "reader", kernelOf: make };
}

async function complaint(work: () => Promise<unknown>): Promise<string> {
	try {
		await work();
	} catch (error) {
		return (error as Error).message;
	}
	return "none";
}

hostile("damage that no checksum shows is told as wrong data", async () => {
	const examination = unnoticeable();
	assert.match(await complaint(() => examine(examination)), /^wrong data: /);
	assert.match(
		await complaint(() => mend(crashed, examination.damage, examination.truth, "wasm", make, "once")),
		/which it never was$/,
	);
});

hostile("an error that is not the library's, and kernels that differ, are told", async () => {
	const examination = unnoticeable();
	const broken: KernelMaker = (options: ResolvedOptions) => {
		const kernel = make(options);
		kernel.createScan = () => {
			throw new TypeError("injected");
		};
		return kernel;
	};
	assert.is(await complaint(() => examine({ ...examination, kernelOf: broken })), "injected");
	const deaf: KernelMaker = (options) => {
		const kernel = make(options);
		const create = kernel.createGet.bind(kernel);
		if (options.kernel === "ts") kernel.createGet = () => Object.assign(create(), { start: () => STATUS_ABSENT });
		return kernel;
	};
	assert.match(
		await complaint(() => examine({ ...examination, truth: "any", kernelOf: deaf })),
		/^wasm and ts differ: /,
	);
});

hostile("what a sound file holds and a repair does not keep is told as lost", async () => {
	const damage = {
		kind: "missing",
		what: "",
		files: ["000012.wal"],
		image: withFile(crashed.image, "000012.wal", undefined),
	};
	const truth = crashed.states.slice(-1);
	const more = { ...crashed, states: [...crashed.states, new Map([...(truth[0] ?? []), ["ghost", "boo"]])] };
	const homes = new Map([...crashed.homes, ["ghost", "000005.sst"]]);
	assert.match(
		await complaint(() => mend({ ...more, homes }, damage, truth, "ts", make, "once")),
		"ghost is undefined, though 000005.sst is sound and says boo",
	);
});

hostile("rows as they were written are refused by no statement, and others are", () => {
	const rows = soundRows();
	assert.is(useRows(rows), 0);
	const short = rows.map(({ key, value }) => ({ key, value: value.subarray(0, 3) }));
	assert.ok(useRows(short) > 0);
});

hostile("a write into memory that is not the kernel's own is told", () => {
	const options = { ...crashed.options, kernel: "wasm" } as const;
	let kernel: ReturnType<KernelMaker> | undefined;
	const kernelOf: KernelMaker = (resolved) => {
		kernel = make(resolved);
		return kernel;
	};
	const db = openStorage(storageOf(crashed.image), IMAGE_DIRECTORY, options, { kernelOf });
	const guards = new Guards(db);
	guards.check();
	const { bytes } = kernel?.record ?? { bytes: Buffer.alloc(0) };
	const at = bytes.lastIndexOf(Buffer.alloc(1000, 0xa5));
	assert.ok(at > 0);
	bytes[at + 500] = 0;
	assert.throws(() => guards.check(), /not its own/);
	db.closeSync();
});

hostile.run();
