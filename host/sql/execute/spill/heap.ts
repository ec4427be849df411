/** A binary heap: what comes first is at hand, the rest in no order. */

export class Heap<Item> {
	readonly #isBefore: (a: Item, b: Item) => boolean;
	/** None is before the one at half its place. */
	#items: Item[] = [];

	constructor(isBefore: (a: Item, b: Item) => boolean) {
		this.#isBefore = isBefore;
	}

	get first(): Item | undefined {
		return this.#items[0];
	}

	/** All of them, in no order. The heap is empty then. */
	drain(): Item[] {
		const items = this.#items;
		this.#items = [];
		return items;
	}

	push(item: Item): void {
		const items = this.#items;
		let at = items.length;
		items.push(item);
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!this.#isBefore(item, items[parent] as Item)) break; // parent is within
			items[at] = items[parent] as Item;
			at = parent;
		}
		items[at] = item;
	}

	/** Takes the first one away; undefined where there is none. */
	pop(): Item | undefined {
		const first = this.#items[0];
		const last = this.#items.pop();
		if (last !== undefined && this.#items.length > 0) this.#sink(last);
		return first;
	}

	/** To be called when the first one has changed its place in the order. */
	settle(): void {
		const first = this.#items[0];
		if (first !== undefined) this.#sink(first);
	}

	/** Puts an item where it belongs, in place of the first. */
	#sink(item: Item): void {
		const items = this.#items;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= items.length) break;
			if (child + 1 < items.length && this.#isBefore(items[child + 1] as Item, items[child] as Item)) child++; // both within
			if (!this.#isBefore(items[child] as Item, item)) break; // child is within
			items[at] = items[child] as Item;
			at = child;
		}
		items[at] = item;
	}
}
