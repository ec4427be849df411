import type { ModelCase, Step } from "./model-case.js";

/** Whether a case still fails. */
export type Fails = (testCase: ModelCase) => Promise<boolean>;

/**
 * A smaller case that fails too: without the steps that it takes no part of, with the fewest writes and keys in those that
 * are left, all under the configuration that it begins with where that is enough.
 */
export async function shrink(testCase: ModelCase, fails: Fails): Promise<ModelCase> {
	let smallest = testCase;
	const attempt = async (steps: readonly Step[]): Promise<boolean> => {
		const smaller = { ...smallest, steps };
		if (!(await fails(smaller))) return false;
		smallest = smaller;
		return true;
	};
	await without(smallest.steps, (steps) => attempt(steps));
	for (let index = 0; index < smallest.steps.length; index++) {
		const step = () => smallest.steps[index] as Step;
		const replace = (other: Step) => attempt(smallest.steps.with(index, other));
		const first = step();
		if (first.do === "batch" || first.do === "transaction") {
			await without(first.writes as (typeof first.writes)[number][], (writes) =>
				replace({ ...step(), writes } as Step),
			);
		}
		if (first.do === "getMany" || first.do === "together") {
			await without(first.keys, (keys) => replace({ ...step(), keys } as Step));
		}
		if (first.do === "transaction") await without(first.reads, (reads) => replace({ ...step(), reads } as Step));
		if (first.do === "reopen" || first.do === "checkpoint") await replace({ ...first, options: smallest.options });
	}
	return smallest;
}

/** Takes stretches out of a list, long ones first, for as long as `attempt` takes what is left. */
async function without<Item>(
	items: readonly Item[],
	attempt: (left: readonly Item[]) => Promise<boolean>,
): Promise<void> {
	let left = items;
	for (let size = Math.max(1, left.length >> 1); size >= 1; size >>= 1) {
		for (let at = 0; at < left.length; ) {
			const fewer = left.toSpliced(at, size);
			if (await attempt(fewer)) left = fewer;
			else at += size;
		}
	}
}

/** A case as the text of a module for test/reliability/found, which runs it from then on. */
export function moduleOf(testCase: ModelCase, why: string): string {
	const { steps, ...rest } = testCase;
	const fields = Object.entries(rest).map(([name, value]) => `\t${name}: ${source(value)},`);
	return [
		'import { Buffer } from "node:buffer";',
		'import type { ModelCase } from "../../support/model-case.js";',
		"",
		`/** ${why.replaceAll("*/", "* /").replaceAll("\n", " ")} */`,
		"export const found: ModelCase = {",
		...fields,
		"\tsteps: [",
		...steps.map((step) => `\t\t${source(step)},`),
		"\t],",
		"};",
		"",
	].join("\n");
}

/** A value as TypeScript. */
function source(value: unknown): string {
	if (value instanceof Uint8Array) {
		const repeats = value.length > 16 && value.every((byte) => byte === value[0]);
		if (repeats) return `new Uint8Array(${value.length}).fill(${value[0]})`;
		return `new Uint8Array(Buffer.from(${JSON.stringify(Buffer.from(value).toString("hex"))}, "hex"))`;
	}
	if (typeof value === "string") return text(value);
	if (typeof value === "number")
		return Number.isFinite(value) ? String(value) : `Number.${value > 0 ? "POSITIVE" : "NEGATIVE"}_INFINITY`;
	if (Array.isArray(value)) return `[${value.map(source).join(", ")}]`;
	if (value === null || typeof value !== "object") return String(value);
	return `{ ${Object.entries(value)
		.map(([name, field]) => `${JSON.stringify(name)}: ${source(field)}`)
		.join(", ")} }`;
}

/** Long ones are a unit that repeats. */
function text(value: string): string {
	for (let length = 1; value.length > 40 && length <= 8; length++) {
		const unit = value.slice(0, length);
		const count = value.length / length;
		if (Number.isInteger(count) && unit.repeat(count) === value) return `${JSON.stringify(unit)}.repeat(${count})`;
	}
	return JSON.stringify(value);
}
