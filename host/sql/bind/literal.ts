/** Literals of the text as values. */

import type { ExpressionNode } from "../parse/ast.js";
import type { Source } from "../parse/source.js";
import { sqlErrorAt } from "../parse/source.js";
import type { Value } from "../value/value.js";
import { fitsInteger, integer, MIN_INTEGER, real } from "../value/value.js";

export function numberLiteral(node: ExpressionNode & { type: "number" }, source: Source): Value {
	const { text } = node;
	if (/^0x/i.test(text)) {
		const bits = BigInt(text);
		if (bits >= 2n ** 64n) throw sqlErrorAt(source, node.at, `hex literal too big: ${text}`);
		return integer(BigInt.asIntN(64, bits));
	}
	if (/^[0-9]+$/.test(text)) {
		if (text.length <= 15) return Number(text);
		const exact = BigInt(text);
		if (fitsInteger(exact)) return integer(exact);
	}
	return real(Number(text));
}

/** 9223372036854775808 is no INTEGER, but behind a minus sign it is the least one. */
export function isLeastInteger(operand: ExpressionNode): boolean {
	if (operand.type === "bracket") return isLeastInteger(operand.operand);
	return operand.type === "number" && /^0*9223372036854775808$/.test(operand.text);
}

/** In hexadecimal it is an INTEGER, whose negative is none: SQLite refuses the two together. */
export function isLeastHexadecimal(operand: ExpressionNode): boolean {
	if (operand.type === "bracket") return isLeastHexadecimal(operand.operand);
	return operand.type === "number" && /^0x0*8000000000000000$/i.test(operand.text);
}

/** `x AND 0` is 0 to SQLite whatever x is, and x may be anything: it is not looked at. */
export function isAlwaysFalse(node: ExpressionNode): boolean {
	if (node.type === "bracket") return isAlwaysFalse(node.operand);
	if (node.type === "and") return node.operands.some(isAlwaysFalse);
	return node.type === "number" && /^0+$|^0x0+$/i.test(node.text);
}

/** Written with a point or an exponent, as some arguments have to be. */
export function realLiteral(node: ExpressionNode | undefined): number | undefined {
	if (node?.type === "bracket") return realLiteral(node.operand);
	return node?.type === "number" && /^[^x]*[.e][^x]*$/i.test(node.text) ? Number(node.text) : undefined;
}

export function blobLiteral(hex: string): Uint8Array {
	const bytes = new Uint8Array(hex.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}

export const LEAST_INTEGER: Value = MIN_INTEGER;
