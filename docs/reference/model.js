// What the declarations of types say, as plain data: of each entry its names, of each name its code, its comment and its members.
import { fileURLToPath, pathToFileURL } from "node:url";
import { SyntaxKind } from "typescript/unstable/ast";
import { API, ModifierFlags, SymbolFlags } from "typescript/unstable/sync";
import { commentOf, isInternal } from "./comments.js";
import { entries } from "./entries.js";

const project = fileURLToPath(new URL("tsconfig.json", import.meta.url));
const declarations = fileURLToPath(new URL("../../dist/", import.meta.url)).replaceAll("\\", "/");

/** `problems`: public names without a comment, and types of this project that no entry exports. */
export async function readModel() {
	const api = new API();
	try {
		const [opened] = api.updateSnapshot({ openProjects: [project] }).getProjects();
		return await new Reader(opened).read();
	} finally {
		api.close();
	}
}

const KINDS = new Map([
	[SyntaxKind.FunctionDeclaration, "function"],
	[SyntaxKind.ClassDeclaration, "class"],
	[SyntaxKind.InterfaceDeclaration, "interface"],
	[SyntaxKind.TypeAliasDeclaration, "type"],
	[SyntaxKind.VariableDeclaration, "constant"],
	[SyntaxKind.SourceFile, "namespace"],
]);

const CALLS = new Set([SyntaxKind.MethodSignature, SyntaxKind.MethodDeclaration, SyntaxKind.Constructor]);

class Reader {
	#checker;
	#program;
	#project;
	/** Where each declaration is documented: `page` and `anchor`, by a key of its place. */
	#places = new Map();
	#problems = [];

	constructor(opened) {
		this.#project = opened;
		this.#checker = opened.checker;
		this.#program = opened.program;
	}

	async read() {
		const anchors = new Anchors();
		const found = entries.map((entry) => ({ entry, names: this.#exportsOf(`${declarations}host/${entry.file}`) }));
		for (const { entry, names } of found) {
			for (const one of names) {
				if (one.kind === "namespace" || this.#places.has(keyOf(one.nodes[0]))) continue;
				const place = { page: entry.page, anchor: anchors.next(entry.page, one.name), name: one.name };
				for (const node of one.nodes) this.#places.set(keyOf(node), place);
			}
		}
		const pages = [];
		for (const { entry, names } of found) {
			const here = names.filter((one) => one.kind === "namespace" || this.#placeOf(one.nodes[0])?.page === entry.page);
			const items = [];
			for (const one of here) {
				const anchor = this.#placeOf(one.nodes[0])?.anchor ?? anchors.next(entry.page, one.name);
				items.push({ ...(await this.#item(one, entry)), anchor });
			}
			const elsewhere = names.filter((one) => !here.includes(one)).map((one) => this.#placeOf(one.nodes[0]));
			pages.push({ ...entry, items, elsewhere });
		}
		return { pages, problems: this.#problems };
	}

	#exportsOf(file) {
		const source = this.#program.getSourceFile(file);
		if (source === undefined) throw new Error(`${file} is not there: npm run build`);
		const byDeclaration = new Map();
		for (const exported of this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(source))) {
			const symbol = this.#target(exported);
			const nodes = symbol.declarations.map((handle) => handle.resolve(this.#project));
			const isDefault = exported.name === "default";
			const kind = KINDS.get(nodes.some(isClass) ? SyntaxKind.ClassDeclaration : nodes[0].kind);
			const specifier = exported.declarations[0]?.resolve(this.#project);
			const isTypeOnly = specifier?.isTypeOnly === true || specifier?.parent?.parent?.isTypeOnly === true;
			const name = isDefault ? (nodes[0].name?.getText() ?? "default") : exported.name;
			const key = keyOf(nodes[0]);
			const known = byDeclaration.get(key);
			if (known === undefined)
				byDeclaration.set(key, {
					name,
					kind,
					nodes,
					isDefault,
					isNamed: !isDefault,
					isTypeOnly,
					statement: specifier?.parent,
				});
			else if (isDefault) known.isDefault = true;
			else Object.assign(known, { name, isNamed: true });
		}
		return [...byDeclaration.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	#target(symbol) {
		if ((symbol.flags & SymbolFlags.Alias) === 0) return symbol;
		const target = this.#checker.getAliasedSymbol(symbol);
		return this.#checker.isUnknownSymbol(target) ? symbol : target;
	}

	#placeOf(node) {
		return this.#places.get(keyOf(node));
	}

	async #item({ name, kind, nodes, isDefault, isNamed, isTypeOnly, statement }, entry) {
		const where = `${entry.name}: ${name}`;
		const isComputed = entry.computed?.includes(name) === true;
		const item = {
			name,
			kind,
			isDefault,
			isNamed,
			isTypeOnly,
			doc: this.#docOf(kind === "namespace" ? [statement] : nodes, where),
			see: this.#see(nodes.flatMap(isComputed ? parametersOf : partsOf), where, name),
		};
		switch (kind) {
			case "function":
				return { ...item, code: nodes.map(codeOf).join("\n") };
			case "type":
				return { ...item, code: nodes.map(isComputed ? leftSideOf : codeOf).join("\n") };
			case "constant":
				return { ...item, code: codeOf(nodes[0].parent.parent) };
			case "namespace":
				return { ...item, see: [], constants: await this.#constants(nodes[0], where) };
			default:
				return { ...item, code: headOf(nodes.find(isClass) ?? nodes[0]), ...this.#members(nodes, where) };
		}
	}

	/** The comments that a name has, of overloads one below the other; that there is none is a problem. */
	#docOf(nodes, where) {
		const holders = nodes.map((node) => (node.kind === SyntaxKind.VariableDeclaration ? node.parent.parent : node));
		const found = new Set(holders.map(commentOf).filter((comment) => comment !== undefined && comment !== ""));
		if (found.size === 0) this.#problems.push(`${where} has no comment`);
		return found.size === 0 ? undefined : [...found].join("\n\n");
	}

	#members(nodes, where) {
		const members = new Map();
		for (const node of nodes) {
			for (const member of node.members) {
				const name = nameOf(member);
				if (name === undefined || isHidden(member)) continue;
				const isStatic = (member.modifierFlags & ModifierFlags.Static) !== 0;
				const key = isStatic ? `static ${name}` : name;
				const known = members.get(key);
				if (known !== undefined) known.nodes.push(member);
				else members.set(key, { name, nodes: [member] });
			}
		}
		const bases = this.#basesOf(nodes);
		const explained = new Set(bases.flatMap((base) => base.members));
		const own = [...members.values()].filter(
			({ name, nodes: all }) => !explained.has(name) || all.some((node) => commentOf(node) !== undefined),
		);
		return {
			members: own.map(({ name, nodes: own }) => ({
				name,
				isCall: CALLS.has(own[0].kind),
				code: own.map(codeOf),
				parts: own.flatMap((node) => partsOfType(node.type)),
				doc: name.startsWith("[") ? commentOf(own[0]) : this.#docOf(own, `${where}.${name}`),
				see: this.#see(own, `${where}.${name}`, undefined),
			})),
			bases,
		};
	}

	/** Classes and interfaces that are documented and that a name extends or implements: their names and places, and their members' names. */
	#basesOf(nodes) {
		return nodes
			.flatMap((node) => [...(node.heritageClauses ?? [])])
			.flatMap(({ types }) => [...types])
			.flatMap(({ expression }) => {
				const [node] = this.#declarationsAt(expression);
				const place = node === undefined ? undefined : this.#placeOf(node);
				if (place === undefined) return [];
				const names = [...node.members]
					.filter((member) => !isHidden(member) && member.kind !== SyntaxKind.Constructor)
					.map(nameOf);
				return [
					{ ...place, members: [...new Set(names)].filter((name) => name !== undefined && !name.startsWith("[")) },
				];
			});
	}

	/** Values are those of the module that is compiled from the same source. */
	async #constants(source, where) {
		const values = await import(pathToFileURL(source.fileName.replace(/\.d\.ts$/, ".js")).href);
		return [...source.statements].flatMap((statement) =>
			[...(statement.declarationList?.declarations ?? [])].map((node) => {
				const name = node.name.getText();
				return { name, value: String(values[name]), doc: this.#docOf([node], `${where}.${name}`) };
			}),
		);
	}

	/** The documented types that nodes name; one of this project that is not documented is a problem. */
	#see(nodes, where, own) {
		const found = new Map();
		const visit = (node) => {
			if (isHidden(node)) return;
			if (node.kind === SyntaxKind.Identifier) {
				for (const declaration of this.#declarationsAt(node)) this.#note(declaration, node, where, own, found);
				return;
			}
			node.forEachChild(visit);
		};
		for (const node of nodes) if (node.kind !== SyntaxKind.SourceFile) node.forEachChild(visit);
		return [...found.values()];
	}

	#note(declaration, node, where, own, found) {
		if (!KINDS.has(declaration.kind) || declaration.kind === SyntaxKind.SourceFile) return;
		const place = this.#placeOf(declaration);
		if (place !== undefined) {
			if (place.name !== own) found.set(place.name, place);
		} else if (
			declaration.getSourceFile().fileName.startsWith(declarations) &&
			declaration.kind !== SyntaxKind.VariableDeclaration
		)
			this.#problems.push(`${where} names ${node.getText()}, which no entry exports`);
	}

	#declarationsAt(node) {
		const symbol = this.#checker.getSymbolAtLocation(node);
		if (symbol === undefined) return [];
		return this.#target(symbol).declarations.flatMap((handle) => handle.resolve(this.#project) ?? []);
	}
}

/** Names of places within pages; two names may differ in upper and lower case alone. */
class Anchors {
	#taken = new Set();

	next(page, name) {
		let anchor = name.toLowerCase();
		while (this.#taken.has(`${page}#${anchor}`)) anchor += "-";
		this.#taken.add(`${page}#${anchor}`);
		return anchor;
	}
}

const isClass = (node) => node.kind === SyntaxKind.ClassDeclaration;
const keyOf = (node) => `${node.getSourceFile().fileName}:${node.getStart()}`;

/** Of a class or an interface what is not a member: those are looked at by themselves. */
function partsOf(node) {
	if (node.members === undefined || node.kind === SyntaxKind.TypeAliasDeclaration) return [node];
	return [...(node.typeParameters ?? []), ...(node.heritageClauses ?? [])];
}

const parametersOf = (node) => [...(node.typeParameters ?? [])];

/** Of a type's declaration what stands before `=`. */
function leftSideOf(node) {
	const end = node.typeParameters === undefined ? node.name.end : node.typeParameters.end + 1;
	return codeOf(node).slice(0, end - node.getStart() - "export ".length);
}

/** What is said of the members of an object that a property holds, or of those in an array. */
function partsOfType(type) {
	if (type === undefined) return [];
	const inner = [type.elementType, type.type, ...(type.types ?? [])].flatMap(partsOfType);
	const own = [...(type.members ?? [])].map((member) => ({ name: nameOf(member), doc: commentOf(member) }));
	return [...own.filter(({ doc }) => doc !== undefined), ...inner];
}

/** Private, protected, for the compiler alone, or marked as internal. */
function isHidden(node) {
	if (node.kind === SyntaxKind.PropertyDeclaration && node.name.kind === SyntaxKind.PrivateIdentifier) return true;
	if (node.name?.kind === SyntaxKind.StringLiteral && node.name.text.startsWith("~")) return true;
	return ((node.modifierFlags ?? 0) & (ModifierFlags.Private | ModifierFlags.Protected)) !== 0 || isInternal(node);
}

function nameOf(member) {
	if (member.kind === SyntaxKind.Constructor) return "constructor";
	return member.name?.getText();
}

/** A class or interface without its members. */
function headOf(node) {
	const text = node.getText();
	const open = node.members.pos - node.getStart() - 1;
	return text
		.slice(0, open)
		.replace(/^export (?:declare )?(?:default )?/, "")
		.trim();
}

/** A declaration as it stands, without what only says that it is one. */
function codeOf(node) {
	const start = node.getStart();
	const { text } = node.getSourceFile();
	const indent = /[ \t]*$/.exec(text.slice(0, start))[0];
	return node
		.getText()
		.replaceAll(`\n${indent}`, "\n")
		.replace(/^export (?:declare )?(?:default )?/, "")
		.replace(/;$/, "");
}
