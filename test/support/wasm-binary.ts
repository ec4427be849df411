/** A section of a module (WebAssembly core specification, 5.5). */
export interface Section {
	readonly id: number;
	/** Of a custom section. */
	readonly name: string;
	readonly body: Uint8Array;
}

export const SECTION = { type: 1, import: 2, function: 3, memory: 5, export: 7, start: 8, data: 11 } as const;

/** The sections of a module. Throws where it is none of version 1. */
export function sectionsOf(bytes: Uint8Array): Section[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	if (view.getUint32(0, true) !== 0x6d736100 || view.getUint32(4, true) !== 1)
		throw new Error("no module of version 1");
	const found: Section[] = [];
	for (let at = 8; at < bytes.length; ) {
		const id = bytes[at++] as number;
		const size = unsignedAt(bytes, at);
		at = size.next;
		const body = bytes.subarray(at, at + size.value);
		at += size.value;
		found.push({ id, name: id === 0 ? nameAt(body, 0).value : "", body });
	}
	return found;
}

/** An unsigned LEB128 number. */
export function unsignedAt(bytes: Uint8Array, from: number): { value: number; next: number } {
	let value = 0;
	let at = from;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[at++] as number;
		value += (byte & 127) * 2 ** shift;
		if (byte < 128) return { value, next: at };
	}
}

function nameAt(bytes: Uint8Array, from: number): { value: string; next: number } {
	const length = unsignedAt(bytes, from);
	const next = length.next + length.value;
	return { value: Buffer.from(bytes.subarray(length.next, next)).toString(), next };
}

/** Names of the value types, by their codes. */
const TYPES: Readonly<Record<number, string>> = { 127: "i32", 126: "i64", 125: "f32", 124: "f64" };

export interface FunctionType {
	readonly parameters: readonly string[];
	readonly results: readonly string[];
}

/** The functions that a module exports, and their types. Of one that imports no functions. */
export function exportedFunctions(bytes: Uint8Array): Map<string, FunctionType> {
	const sections = sectionsOf(bytes);
	const items = <Item>(id: number, read: (body: Uint8Array, at: number) => { value: Item; next: number }): Item[] => {
		const body = sections.find((section) => section.id === id)?.body ?? Uint8Array.of(0);
		const count = unsignedAt(body, 0);
		let at = count.next;
		return Array.from({ length: count.value }, () => {
			const item = read(body, at);
			at = item.next;
			return item.value;
		});
	};
	const types = items(SECTION.type, (body, at) => {
		// One byte says that it is a function's.
		const parameters = typesAt(body, at + 1);
		const results = typesAt(body, parameters.next);
		return { value: { parameters: parameters.value, results: results.value }, next: results.next };
	});
	const typeOf = items(SECTION.function, unsignedAt);
	const exported = items(SECTION.export, (body, at) => {
		const name = nameAt(body, at);
		const index = unsignedAt(body, name.next + 1);
		return { value: { name: name.value, kind: body[name.next], index: index.value }, next: index.next };
	});
	return new Map(
		exported
			.filter(({ kind }) => kind === 0)
			.map(({ name, index }) => [name, types[typeOf[index] as number] as FunctionType]),
	);
}

function typesAt(bytes: Uint8Array, from: number): { value: string[]; next: number } {
	const count = unsignedAt(bytes, from);
	const next = count.next + count.value;
	return { value: [...bytes.subarray(count.next, next)].map((code) => TYPES[code] ?? `type ${code}`), next };
}
