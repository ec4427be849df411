/*
 * A transform of the AssemblyScript compiler: before each statement of assembly/ it puts one that tells, the first time it is
 * reached, the function `cover` of the host. The places go as JSON to the file that $WLSM_COVERAGE_PLACES names: a list of
 * [file, line], by the number that `cover` is called with.
 */
import { writeFileSync } from "node:fs";
import * as compiler from "assemblyscript";
import { Transform } from "assemblyscript/transform";

const { Node, NodeKind, Token } = compiler;

export default class extends Transform {
	#places = [];

	afterParse(parser) {
		for (const source of parser.sources) {
			if (!source.normalizedPath.startsWith("assembly/")) continue;
			for (const statement of source.statements) this.#declaration(statement, source);
		}
		const globals = this.#places.map(
			(_, number) => `// @ts-ignore: decorator\n@global let __reached${number}: i32 = 0;`,
		);
		const cover =
			'// @ts-ignore: decorator\n@global @external("env", "cover") declare function __cover(place: i32): i32;';
		parser.parseFile([cover, ...globals].join("\n"), "coverage.ts", true);
		// Before all that uses it.
		parser.sources.unshift(parser.sources.pop());
		writeFileSync(process.env.WLSM_COVERAGE_PLACES, JSON.stringify(this.#places));
	}

	#declaration(declaration, source) {
		switch (declaration.kind) {
			case NodeKind.FunctionDeclaration:
			case NodeKind.MethodDeclaration:
				if (declaration.body !== null) this.#statement(declaration.body, source);
				return;
			case NodeKind.ClassDeclaration:
			case NodeKind.NamespaceDeclaration:
				for (const member of declaration.members) this.#declaration(member, source);
				return;
			default:
		}
	}

	#statement(statement, source) {
		switch (statement.kind) {
			case NodeKind.Block:
				this.#list(statement.statements, source);
				return;
			case NodeKind.If:
				statement.ifTrue = this.#branch(statement.ifTrue, source);
				if (statement.ifFalse !== null) statement.ifFalse = this.#branch(statement.ifFalse, source);
				return;
			case NodeKind.For:
			case NodeKind.While:
			case NodeKind.Do:
				statement.body = this.#branch(statement.body, source);
				return;
			case NodeKind.Switch:
				for (const { statements } of statement.cases) this.#list(statements, source);
				return;
			default:
		}
	}

	#list(statements, source) {
		const told = statements.flatMap((statement) => {
			this.#statement(statement, source);
			return statement.kind === NodeKind.Block ? [statement] : [this.#tell(statement, source), statement];
		});
		statements.splice(0, statements.length, ...told);
	}

	/** A branch that is no block becomes one. */
	#branch(statement, source) {
		if (statement.kind === NodeKind.Block || statement.kind === NodeKind.Empty) {
			this.#statement(statement, source);
			return statement;
		}
		const statements = [statement];
		this.#list(statements, source);
		return Node.createBlockStatement(statements, statement.range);
	}

	/** `__reached7 = __reached7 || __cover(7)` */
	#tell({ range }, source) {
		const number = this.#places.push([source.normalizedPath, source.lineAt(range.start)]) - 1;
		const name = (text) => Node.createIdentifierExpression(text, range);
		const place = Node.createIntegerLiteralExpression(globalThis.i64_new(number, 0), range);
		const call = Node.createCallExpression(name("__cover"), null, [place], range);
		const reached = Node.createBinaryExpression(Token.Bar_Bar, name(`__reached${number}`), call, range);
		const told = Node.createBinaryExpression(Token.Equals, name(`__reached${number}`), reached, range);
		return Node.createExpressionStatement(told);
	}
}
