/** Samples in JavaScript with what their comments say made into checks. */

import { expectedBy } from "./values.js";

/** `$value` and `$log` of the process that runs the sample are called with its number. Plain data: it goes to that process. */
export interface Check {
	/** Of the sample, from 1. */
	readonly line: number;
	/** Of what the comment tells: a value, or an error, or all that is printed there. */
	readonly of: "value" | "output";
	readonly comment: string;
}

export interface CheckedCode {
	readonly code: string;
	readonly checks: readonly Check[];
}

const trailing = /^(.*?;)\s*\/\/ (.*)$/;
const print = /^(.*?)\bconsole\.log\((.*)\);$/;
const declaration = /^\s*(?:const|let) (\w+)(?:: [^=]+)? = .*;$/;
/** What begins no expression, or goes on with one. */
const otherStatement =
	/^\s*(?:const|let|for|if|while|return|import|export|throw|try|class|function|async function|[})\].]|using|await using)/;

/**
 * The convention of the documents: `expression; // value` and `const name = …; // value` are compared, also where the comment is the line
 * behind a declaration; so is what `console.log(…); // text` prints, with commas between what it prints repeatedly. A value is
 * written in JavaScript, with … for what is left out, or is the code of the error that is thrown. Other comments are prose.
 */
export function checked(sample: string): CheckedCode {
	const checks: Check[] = [];
	const lines = sample.split("\n");
	const add = (line: number, of: Check["of"], comment: string) => checks.push({ line, of, comment }) - 1;
	const code = lines.map((line, index) => {
		const number = index + 1;
		const [, comment] = /^\s*\/\/ (.*)$/.exec(line) ?? [];
		if (comment !== undefined) {
			const [, name] = declaration.exec(lines[index - 1] ?? "") ?? [];
			const isValue = name !== undefined && expectedBy(comment) !== undefined;
			return isValue ? `$value(${add(number, "value", comment)}, () => ${name});` : line;
		}
		const [, statement, says] = trailing.exec(line) ?? [];
		if (statement === undefined || says === undefined) return line;
		const [, before, printed] = print.exec(statement) ?? [];
		if (printed !== undefined) return `${before}$log(${add(number, "output", says)}, [${printed}]);`;
		const [, name] = declaration.exec(statement) ?? [];
		if (name === undefined && otherStatement.test(statement)) {
			if (/^\s*[})\]]/.test(statement) && expectedBy(says) !== undefined)
				throw new Error(`line ${number}: a value is compared only behind a statement of one line`);
			return line;
		}
		if (expectedBy(says) === undefined) return line;
		const check = add(number, "value", says);
		if (name !== undefined) return `${statement} $value(${check}, () => ${name});`;
		const expression = statement.slice(0, -1);
		return /\bawait\b/.test(expression)
			? `await $value(${check}, async () => (${expression}));`
			: `$value(${check}, () => (${expression}));`;
	});
	return { code: code.join("\n"), checks };
}
