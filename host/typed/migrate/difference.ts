/** What is between a table and its declaration. */
export interface Difference {
	readonly text: string;
	/** What removes it, or shows what is in the way; where there is none, only making the table anew does. */
	readonly statements?: readonly string[];
}

/** Of two sets of texts: what is in one of them alone. */
export function setDifferences(
	declared: { readonly all: ReadonlySet<string>; readonly expected: ReadonlySet<string> },
	existing: ReadonlySet<string>,
): Difference[] {
	const missing = [...declared.expected].filter((one) => !existing.has(one));
	const superfluous = [...existing].filter((one) => !declared.all.has(one));
	return [
		...missing.map((one) => ({ text: `${one} is declared and not there` })),
		...superfluous.map((one) => ({ text: `${one} is there and not declared` })),
	];
}
