// The table of the kernel's exports in docs/kernel.md, made of what host/kernel/exports.ts says of them. Run as a program it writes the table.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const page = new URL("docs/kernel.md", root);
const BEGIN = "<!-- exports -->\n";
const END = "<!-- end of exports -->";

/** Functions of the interface KernelExports, in its order, by section; of its source or its .d.ts, which has no sections. */
export function parseExports(source) {
	const body = /export interface KernelExports \{([\s\S]*?)\n\}/.exec(source)?.[1];
	if (body === undefined) throw new Error("there is no interface KernelExports");
	const pattern =
		/\/\/ -- (?<section>.*?) -{2,}|\/\*\*(?<text>(?:(?!\*\/)[\s\S])*)\*\/\s*(?<name>\w+)\((?<parameters>[^)]*)\): (?<answer>\w+);/g;
	const found = [];
	let section = "";
	for (const { groups } of body.matchAll(pattern)) {
		if (groups.section !== undefined) {
			section = groups.section;
			continue;
		}
		found.push({
			section,
			name: groups.name,
			parameters: groups.parameters.split(",").flatMap((parameter) => {
				const [name, type] = parameter.split(":").map((word) => word.trim());
				return type === undefined ? [] : [{ name, type }];
			}),
			answer: groups.answer,
			text: groups.text.replace(/\s*\n\s*\* ?/g, " ").trim(),
		});
	}
	return found;
}

/** The page with its table as it should be. */
export function withTable(text, functions) {
	const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
	if (begin < 0 || end < begin) throw new Error(`docs/kernel.md lacks ${BEGIN.trim()} or ${END}`);
	return text.slice(0, begin + BEGIN.length) + tables(functions) + text.slice(end);
}

function tables(functions) {
	const lines = [];
	let section = "";
	for (const { name, parameters, answer, text, ...of } of functions) {
		if (of.section !== section) {
			section = of.section;
			lines.push("", `### ${section}`, "", "| export | answers | |", "| --- | --- | --- |");
		}
		const signature = `${name}(${parameters.map((one) => `${one.name}: ${one.type}`).join(", ")})`;
		lines.push(`| \`${signature}\` | ${answer === "void" ? "" : answer} | ${text.replaceAll("|", "\\|")} |`);
	}
	return `${lines.join("\n")}\n\n`;
}

export const exportsSource = () => readFileSync(new URL("host/kernel/exports.ts", root), "utf8");
export const kernelPage = () => readFileSync(page, "utf8");

if (process.argv[1] === fileURLToPath(import.meta.url))
	writeFileSync(page, withTable(kernelPage(), parseExports(exportsSource())));
