/** Where the rows of an operator have what expressions speak of. */

import type { Layout } from "../execute/compile.js";

function absent(what: string): never {
	throw new Error(`an expression names ${what} that its rows do not have`);
}

/** No input: only constants, parameters and values from outside. */
export const NO_COLUMNS: Layout = {
	column: (source, column) => absent(`column ${column} of table ${source}`),
	aggregate: () => absent("an aggregate"),
	window: () => absent("a window function"),
};

const keyOf = (source: number, column: number) => source * 65536 + column + 1;

/** Columns of tables by their slots. */
export class ColumnLayout implements Layout {
	readonly #slots = new Map<number, number>();

	add(source: number, column: number, slot: number): void {
		this.#slots.set(keyOf(source, column), slot);
	}

	/** All of another layout, that many slots further on. */
	addAll(other: ColumnLayout, shift: number): void {
		for (const [key, slot] of other.#slots) this.#slots.set(key, slot + shift);
	}

	column(source: number, column: number): number {
		return this.#slots.get(keyOf(source, column)) ?? absent(`column ${column} of table ${source}`);
	}

	aggregate(): number {
		return absent("an aggregate");
	}

	window(): number {
		return absent("a window function");
	}
}

/** Of joined rows: the right side's columns stand behind the left side's. */
export function joinedLayout(
	left: { readonly layout: ColumnLayout; readonly width: number },
	right: { readonly layout: ColumnLayout },
): ColumnLayout {
	const layout = new ColumnLayout();
	layout.addAll(left.layout, 0);
	layout.addAll(right.layout, left.width);
	return layout;
}
