/** json_group_array() and json_group_object(). */

import type { Value } from "../../value/value.js";
import type { AggregateFunction, AggregateState } from "../aggregate.js";
import { TextBuilder } from "../text-builder.js";
import type { JsonValue } from "./subtype.js";
import { textOf } from "./text-of.js";
import { jsonOfValue, jsonString } from "./write.js";

type Brackets = "[]" | "{}";
type Member = (values: readonly JsonValue[]) => string;

class Group implements AggregateState {
	readonly #brackets: Brackets;
	readonly #member: Member;
	readonly #members = new TextBuilder();
	#isEmpty = true;

	constructor(brackets: Brackets, member: Member) {
		this.#brackets = brackets;
		this.#member = member;
	}

	get heldBytes(): number {
		return this.#members.heldBytes;
	}

	step(values: readonly JsonValue[]): boolean {
		const member = this.#member(values);
		this.#members.add(this.#isEmpty ? member : `,${member}`);
		this.#isEmpty = false;
		return false;
	}

	finish(): Value {
		return `${this.#brackets[0]}${this.#members.text}${this.#brackets[1]}`;
	}
}

/** Members are joined at the end only, so that a frame can lose its first one. */
class SlidingGroup implements AggregateState {
	readonly #brackets: Brackets;
	readonly #member: Member;
	#members: string[] = [];
	/** How many of the first members are gone. */
	#gone = 0;

	constructor(brackets: Brackets, member: Member) {
		this.#brackets = brackets;
		this.#member = member;
	}

	step(values: readonly JsonValue[]): boolean {
		this.#members.push(this.#member(values));
		return false;
	}

	inverse(): void {
		this.#gone++;
		if (this.#gone * 2 < this.#members.length) return;
		this.#members = this.#members.slice(this.#gone);
		this.#gone = 0;
	}

	finish(): Value {
		const members = this.#gone === 0 ? this.#members : this.#members.slice(this.#gone);
		return `${this.#brackets[0]}${members.join(",")}${this.#brackets[1]}`;
	}
}

const arrayMember = ([value = null]: readonly JsonValue[]) => jsonOfValue(value);

/** A label that is NULL leaves nothing before the colon, as in SQLite. */
const objectMember = ([label, value = null]: readonly JsonValue[]) => {
	const text = textOf(label);
	return `${text === null ? "" : jsonString(text)}:${jsonOfValue(value)}`;
};

const TRAITS = { picksRow: false, takesJson: true, returnsJson: true, gathers: true } as const;

export const JSON_AGGREGATES: readonly AggregateFunction[] = [
	{
		...TRAITS,
		name: "json_group_array",
		minimum: 1,
		maximum: 1,
		create: () => new Group("[]", arrayMember),
		createSliding: () => new SlidingGroup("[]", arrayMember),
	},
	{
		...TRAITS,
		name: "json_group_object",
		minimum: 2,
		maximum: 2,
		create: () => new Group("{}", objectMember),
		createSliding: () => new SlidingGroup("{}", objectMember),
	},
];
