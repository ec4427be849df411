/**
 * Column names from the first record: surrounding white space goes, an empty name becomes column_N, and a name that is there
 * already (SQL does not tell upper from lower case) gets _2, _3, … until it is new.
 */
export function columnNames(header: readonly string[]): string[] {
	const taken = new Set<string>();
	// Names that the file gives come before names that are made up here.
	const given = new Set(header.map((name) => name.trim().toLowerCase()));
	return header.map((raw, index) => {
		const wanted = raw.trim() || `column_${index + 1}`;
		let name = wanted;
		for (let n = 2; taken.has(name.toLowerCase()) || (name !== raw.trim() && given.has(name.toLowerCase())); n++) {
			name = `${wanted}_${n}`;
		}
		taken.add(name.toLowerCase());
		return name;
	});
}

export function numberedColumns(count: number): string[] {
	return Array.from({ length: count }, (_, index) => `column_${index + 1}`);
}

/** Position of a column by its name, in upper or lower case; -1 where there is none. */
export function findColumn(names: readonly string[], wanted: string): number {
	const exact = names.indexOf(wanted);
	if (exact !== -1) return exact;
	const lower = wanted.trim().toLowerCase();
	return names.findIndex((name) => name.toLowerCase() === lower);
}
