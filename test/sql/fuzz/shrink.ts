/** The smallest statements that still differ in the same way: delta debugging, first of the list, then of the trees. */

import type { Difference } from "./compare.js";
import type { Engine } from "./engines.js";
import { replay, type Step } from "./pair.js";
import { type Node, type Tree, textOf } from "./tree.js";

export interface Minimal {
	readonly steps: readonly Step[];
	readonly difference: Difference;
}

const CONSTANTS: readonly Tree[] = ["NULL", "1", "0", "'a'"];

/** Its steps end with the statement that differs. Gives up with what it has after `attempts` runs. */
export function shrink(first: Minimal, attempts: number, open: () => Engine): Minimal {
	const shrinker = new Shrinker(first, attempts, open);
	shrinker.fewerSteps();
	for (let before = -1; before !== shrinker.size(); ) {
		before = shrinker.size();
		shrinker.smallerTrees();
		shrinker.fewerSteps();
	}
	return shrinker.smallest;
}

class Shrinker {
	smallest: Minimal;
	#attempts: number;
	readonly #open: () => Engine;
	readonly #tried = new Set<string>();

	constructor(first: Minimal, attempts: number, open: () => Engine) {
		this.#open = open;
		this.smallest = first;
		this.#attempts = attempts;
	}

	size(): number {
		return this.smallest.steps.reduce((sum, { tree }) => sum + textOf(tree).length + 1, 0);
	}

	#attempt(steps: readonly Step[]): boolean {
		const key = steps.map(({ tree }) => textOf(tree)).join(";");
		if (this.#attempts <= 0 || this.#tried.has(key)) return false;
		this.#tried.add(key);
		this.#attempts--;
		const difference = replay(steps, this.#open);
		const { kind, actual } = this.smallest.difference;
		if (difference?.kind !== kind || signature(kind, difference.actual) !== signature(kind, actual)) return false;
		this.smallest = { steps, difference };
		return true;
	}

	/** The last stays: it is the one that differs. */
	fewerSteps(): void {
		for (let size = this.smallest.steps.length >> 1; size >= 1; size >>= 1) {
			for (let at = 0; at + size < this.smallest.steps.length; ) {
				if (!this.#attempt(this.smallest.steps.toSpliced(at, size))) at += size;
			}
		}
	}

	smallerTrees(): void {
		for (let i = this.smallest.steps.length - 1; i >= 0; i--) {
			const replace = (tree: Tree): boolean => {
				const step = this.smallest.steps[i] as Step;
				return this.#attempt(this.smallest.steps.with(i, { ...step, tree: tree as Node }));
			};
			smaller((this.smallest.steps[i] as Step).tree, replace);
		}
	}
}

/** Of an error, which one it is; of rows, nothing. */
function signature(kind: Difference["kind"], actual: string): string {
	if (kind !== "refused" && kind !== "broken") return "";
	return actual.replace(/[a-z]?\d+|'[^']*'|"[^"]*"/gi, "").slice(0, 40);
}

/** Tries whatever may stand for the tree or for parts of it; returns what is left. */
function smaller(tree: Tree, replace: (tree: Tree) => boolean): Tree {
	if (typeof tree === "string") return tree;
	for (const candidate of candidates(tree)) {
		if (textOf(candidate).length < textOf(tree).length && replace(candidate)) return smaller(candidate, replace);
	}
	let left: Node = tree;
	if (left.kind === "list") {
		for (let i = left.parts.length - 1; i >= 0 && left.parts.length > (left.least ?? 1); i--) {
			const fewer = { ...left, parts: left.parts.toSpliced(i, 1) };
			if (replace(fewer)) left = fewer;
		}
	}
	for (let i = 0; i < left.parts.length; i++) {
		const before = left;
		const part = smaller(before.parts[i] as Tree, (other) =>
			replace({ ...before, parts: before.parts.with(i, other) }),
		);
		left = { ...before, parts: before.parts.with(i, part) };
	}
	return left;
}

function candidates(tree: Node): Tree[] {
	switch (tree.kind) {
		case "optional":
			return [""];
		case "expression":
			return [...CONSTANTS, ...inside(tree, "expression")];
		case "query":
		case "source":
			return inside(tree, tree.kind);
		default:
			return [];
	}
}

/** The nearest ones of that kind inside it. */
function inside(tree: Node, kind: Node["kind"]): Tree[] {
	return tree.parts.flatMap((part) => {
		if (typeof part === "string") return [];
		return part.kind === kind ? [part, ...inside(part, kind)] : inside(part, kind);
	});
}
