import {
	BlockStatement,
	ClassDeclaration,
	DoStatement,
	EmptyStatement,
	ForOfStatement,
	ForStatement,
	FunctionDeclaration,
	IfStatement,
	NamespaceDeclaration,
	Node,
	type Parser,
	type Source,
	type Statement,
	SwitchStatement,
	WhileStatement,
} from "assemblyscript";

/** Where a statement of the kernel begins. Line and column count from 1. */
export interface Place {
	readonly file: string;
	readonly line: number;
	readonly column: number;
}

/** The import that the instrumented kernel calls with the number of a place, the first time an instance comes by. */
export const COVER = "cover";

const SOURCES = "assembly/";
const FILE = "assembly/coverage-marks.ts";

/** Puts a mark before each statement of the kernel's functions, while the compiler has them as a tree. Answers the places. */
export function markStatements(parser: Parser): Place[] {
	const places: Place[] = [];
	for (const source of parser.sources) {
		if (!source.normalizedPath.startsWith(SOURCES)) continue;
		const marker = new Marker(source, places);
		for (const statement of source.statements) marker.declaration(statement);
	}
	parser.parseFile(functions(places.length), FILE, true);
	return places;
}

/*
 * A mark is a flag in a global of the instance, so that the kernel's memory holds what it always holds, and an import that is
 * called once per instance and place: a marked kernel is not much slower.
 */
function functions(count: number): string {
	const lines = [`@external("env", "${COVER}") declare function ${COVER}(place: i32): void;`];
	for (let place = 0; place < count; place++)
		lines.push(
			`let seen${place}: i32 = 0;`,
			`@global @inline function mark${place}(): void { if (!seen${place}) { seen${place} = 1; ${COVER}(${place}); } }`,
		);
	return lines.join("\n");
}

class Marker {
	readonly #source: Source;
	readonly #places: Place[];

	constructor(source: Source, places: Place[]) {
		this.#source = source;
		this.#places = places;
	}

	/** Of a file, a namespace or a class. */
	declaration(statement: Statement): void {
		if (statement instanceof FunctionDeclaration) {
			if (statement.body !== null) statement.body = this.#block(statement.body);
		} else if (statement instanceof ClassDeclaration || statement instanceof NamespaceDeclaration) {
			for (const member of statement.members) this.declaration(member);
		}
	}

	#block(statement: Statement): Statement {
		const inner = statement instanceof BlockStatement ? statement.statements : [statement];
		return Node.createBlockStatement(this.#marked(inner), statement.range);
	}

	#marked(statements: readonly Statement[]): Statement[] {
		return statements.flatMap((statement) => {
			if (statement instanceof EmptyStatement) return [];
			if (statement instanceof BlockStatement) return [this.#block(statement)];
			const mark = this.#mark(statement);
			this.#within(statement);
			return [mark, statement];
		});
	}

	#mark(statement: Statement): Statement {
		const { range } = statement;
		const line = this.#source.lineAt(range.start);
		this.#places.push({ file: this.#source.normalizedPath, line, column: this.#source.columnAt() });
		const name = Node.createIdentifierExpression(`mark${this.#places.length - 1}`, range);
		return Node.createExpressionStatement(Node.createCallExpression(name, null, [], range));
	}

	#within(statement: Statement): void {
		if (statement instanceof IfStatement) {
			statement.ifTrue = this.#block(statement.ifTrue);
			if (statement.ifFalse !== null) statement.ifFalse = this.#block(statement.ifFalse);
		} else if (statement instanceof SwitchStatement) {
			for (const one of statement.cases) one.statements = this.#marked(one.statements);
		} else if (
			statement instanceof ForStatement ||
			statement instanceof ForOfStatement ||
			statement instanceof WhileStatement ||
			statement instanceof DoStatement
		) {
			statement.body = this.#block(statement.body);
		}
	}
}
