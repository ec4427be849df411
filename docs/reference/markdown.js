// The data of model.js as pages.
import { paragraphs } from "./comments.js";

const WIDTH = 110;
const GROUPS = [
	["function", "Functions"],
	["class", "Classes"],
	["interface", "Interfaces"],
	["type", "Types"],
	["constant", "Constants"],
	["namespace", "Namespaces"],
];

const VALUES = new Set(["function", "class", "constant", "namespace"]);

export function pageOf(page) {
	const groups = GROUPS.map(([kind, title]) => ({
		title,
		items: page.items.filter((item) => item.kind === kind),
	})).filter(({ items }) => items.length > 0);
	return `${[
		"<!-- Made of the declarations of types by npm run docs:api. -->",
		`# ${page.name}`,
		page.intro,
		...imports(page),
		contents(groups, page),
		...groups.flatMap(({ title, items }) => [`## ${title}`, ...items.flatMap((item) => itemText(item, page))]),
	].join("\n\n")}\n`;
}

export function indexOf(pages) {
	const lines = pages.map(({ name, page, intro }) => `- [${name}](${page}): ${intro.split(/(?<=\.) /)[0]}`);
	return `${["<!-- Made by npm run docs:api. -->", "# API", "What each entry of the package exports.", lines.join("\n")].join("\n\n")}\n`;
}

function imports({ name, items, imports: names }) {
	const main = items.find(({ isDefault, isNamed }) => isDefault && !isNamed);
	const values = items.filter(({ kind, isTypeOnly }) => VALUES.has(kind) && !isTypeOnly).map((item) => item.name);
	for (const wanted of names) if (!values.includes(wanted)) throw new Error(`${name} exports no value ${wanted}`);
	if (main !== undefined) return [block("js", `import ${main.name} from "${name}";`)];
	return [block("js", `import { ${names.join(", ")}${names.length < values.length ? ", …" : ""} } from "${name}";`)];
}

function contents(groups, page) {
	const lines = groups.map(
		({ title, items }) => `- ${title}: ${items.map((item) => link(item.name, `#${item.anchor}`)).join(" · ")}`,
	);
	if (page.elsewhere.length > 0) {
		const links = page.elsewhere.map((place) => link(place.name, `${place.page}#${place.anchor}`));
		lines.push(`- Also exported here: ${links.join(" · ")}`);
	}
	return lines.join("\n");
}

const link = (text, target) => `[${text}](${target})`;
const block = (language, code) => `\`\`\`${language}\n${code}\n\`\`\``;

function itemText(item, page) {
	const notes = [
		...(item.isDefault ? [item.isNamed ? "also the default export" : "default export"] : []),
		...(item.kind === "class" && item.isTypeOnly ? ["type alone"] : []),
	];
	const title = `<a id="${item.anchor}"></a>\n\n### ${item.name}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
	// Its heading says as much.
	const code =
		item.code === undefined || item.code === `interface ${item.name}` ? [] : [block("ts", wrapped(item.code))];
	const doc = item.doc === undefined ? [] : paragraphs(item.doc);
	const head = [title, ...code, ...doc];
	if (item.constants !== undefined) return [...head, constantsTable(item.constants)];
	if (item.members === undefined) return [...head, ...see(item.see, page)];
	const named = item.members.filter(({ name }) => !name.startsWith("["));
	const wellKnown = item.members.filter(({ name }) => name.startsWith("[")).map(({ name }) => `\`${name}\``);
	const inherited = item.bases.flatMap((base) => {
		const names = base.members.filter((name) => !named.some((member) => member.name === name));
		if (names.length === 0) return [];
		return [`From ${link(base.name, targetOf(base, page))}: ${names.map((name) => `\`${name}\``).join(", ")}.`];
	});
	head.push(...(inherited.length > 0 ? [inherited.join(" ")] : []));
	if (wellKnown.length > 0) head.push(`It has ${wellKnown.join(", ")}.`);
	head.push(
		...see(
			item.see.filter(({ name }) => !item.bases.some((base) => base.name === name)),
			page,
		),
	);
	if (item.kind === "interface") return [...head, ...membersTable(named, page)];
	named.sort((a, b) => Number(b.name === "constructor") - Number(a.name === "constructor"));
	return [...head, ...paired(named).flatMap((members) => memberText(item, members, page))];
}

function targetOf({ page, anchor }, here) {
	return page === here.page ? `#${anchor}` : `${page}#${anchor}`;
}

function see(places, page) {
	if (places.length === 0) return [];
	return [`Types: ${places.map((place) => link(place.name, targetOf(place, page))).join(", ")}.`];
}

/** A method and the one that does the same without a promise stand together, where the first of them is. */
function paired(members) {
	const pairs = new Map();
	for (const member of members) {
		const name = member.name.replace(/Sync$/, "");
		if (pairs.has(name)) pairs.get(name).push(member);
		else pairs.set(name, [member]);
	}
	return [...pairs.values()];
}

function memberText(item, members, page) {
	const names = members.map(({ name, isCall }) => (isCall ? `${name}()` : name));
	const title = `<a id="${item.anchor}.${members[0].name.toLowerCase()}"></a>\n\n#### ${names.join(", ")}`;
	const code = members.flatMap((member) => member.code).map(wrapped);
	const docs = members.flatMap(({ doc }) => paragraphs(doc ?? ""));
	const places = new Map(members.flatMap((member) => member.see).map((place) => [place.name, place]));
	places.delete(item.name);
	return [title, block("ts", code.join("\n")), ...docs, ...see([...places.values()], page)];
}

/** Properties, and calls beside them. */
function membersTable(members, page) {
	if (members.length === 0) return [];
	const rows = members.map(({ code, doc, parts, see: places }) => {
		const cells = code.map((one) => linked(one.replace(/\breadonly (?=\w+\??:)/g, ""), places, page)).join("<br>");
		const lines = [
			...paragraphs(doc ?? ""),
			...parts.map((part) => `\`${part.name}\`: ${paragraphs(part.doc).join(" ")}`),
		];
		return `| ${cells} | ${escaped(lines.join("<br>"))} |`;
	});
	return [["| | |", "| --- | --- |", ...rows].join("\n")];
}

function constantsTable(constants) {
	const rows = constants.map(
		({ name, value, doc }) =>
			`| \`${name}\` | ${value} | ${doc === undefined ? "" : escaped(paragraphs(doc).join(" "))} |`,
	);
	return ["| | | |", "| --- | --- | --- |", ...rows].join("\n");
}

const escaped = (text) => text.replaceAll("|", "\\|").replaceAll("\n", "<br>");

/** Code in a table's cell, with the types that it names as links. */
function linked(code, places, page) {
	const byName = new Map(places.map((place) => [place.name, place]));
	return code
		.replace(/\/\*\*[\s\S]*?\*\//g, "")
		.replace(/\s+/g, " ")
		.split(/(?<![\w.])([A-Z]\w*)(?!\w)/)
		.map((piece) => {
			const place = byName.get(piece);
			if (place !== undefined) return `[\`${piece}\`](${targetOf(place, page)})`;
			return piece === "" ? "" : `\`${piece.replaceAll("|", "\\|")}\``;
		})
		.join("")
		.replaceAll("``", "");
}

/** Parameters of a long signature on lines of their own. */
function wrapped(code) {
	return code
		.split("\n")
		.map((line) => (line.length > WIDTH ? wrappedLine(line) : line))
		.join("\n");
}

function wrappedLine(line) {
	const alias = /^type \w+(?:<[^=]*>)? = /.exec(line)?.[0];
	const choices = alias === undefined ? [] : line.slice(alias.length).split(" | ");
	if (choices.length > 1 && choices.every((choice) => /^[\w" -]+$/.test(choice)))
		return `${alias.trimEnd()}\n    | ${choices.join("\n    | ")}`;
	const first = line.search(/[<(]/);
	if (first < 0) return line;
	const types = line[first] === "<" ? listAt(line, first) : undefined;
	const values = line[types?.end ?? first] === "(" ? listAt(line, types?.end ?? first) : undefined;
	// Lists of arguments to a type cannot end with a comma.
	const isDeclared = values !== undefined || /^(?:class|interface|type) \w+$/.test(line.slice(0, first));
	const isLong = isDeclared && types !== undefined && types.end > WIDTH;
	const head = isLong ? onLines(line.slice(0, first), types) : line.slice(0, types?.end ?? first);
	if (values === undefined) return `${head}${line.slice(types?.end ?? first)}`;
	const list = values.parts.length < 2 ? line.slice(types?.end ?? first, values.end) : onLines("", values, line);
	return `${head}${list}${line.slice(values.end)}`;
}

/** A list in brackets that begins at `open`: its parts, and where it has ended. */
function listAt(line, open) {
	const commas = [];
	let depth = 0;
	for (let at = open; at < line.length; at++) {
		const letter = line[at];
		if ("([{<".includes(letter)) depth += 1;
		// The arrow of a function's type closes nothing.
		if (")]}".includes(letter) || (letter === ">" && line[at - 1] !== "=")) depth -= 1;
		if (letter === "," && depth === 1) commas.push(at);
		if (depth > 0) continue;
		const starts = [open, ...commas].map((start) => start + 1);
		const parts = [...commas, at].map((end, index) => line.slice(starts[index], end).trim());
		return { parts, open: line[open], close: letter, end: at + 1 };
	}
	return undefined;
}

function onLines(before, { parts, open, close }, line = before) {
	const indent = /^\s*/.exec(line)[0];
	return [`${before}${open}`, ...parts.map((part) => `${indent}    ${part},`), `${indent}${close}`].join("\n");
}
