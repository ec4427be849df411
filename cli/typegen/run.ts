/** One look at a project, and what people are told of it. */

import { visible } from "../output.js";
import { generate, type Outcome } from "./generate.js";
import { problemText } from "./problem.js";
import { listFiles } from "./project.js";
import type { Asked } from "./request.js";
import { Sources } from "./sources.js";

export function lookAt(asked: Asked, sources = new Sources(), listing = list(asked)): Promise<Outcome> {
	return generate(asked, listing, sources);
}

export function list({ paths, ignored }: Asked) {
	return listFiles(paths, ignored);
}

/** What is wrong, for standard error; empty where nothing is. */
export function problemsText({ problems, notes }: Outcome): string {
	const lines = [...notes.map((note) => `note: ${note}\n`), ...problems.map(problemText)];
	if (problems.length > 0) lines.push(`${counted(problems.length, "problem")}\n`);
	return visible(lines.join(""));
}

export function counted(count: number, noun: string): string {
	const many = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
	return `${count} ${count === 1 ? noun : many}`;
}
