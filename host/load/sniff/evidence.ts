import { type ColumnType, classify, fits, Seen, typeOf } from "../../csv/column-type.js";
import { type DeclaredType, formOf, hasForm } from "../../csv/form.js";
import type { SampleRecord } from "./split.js";

/** What a column's values in the sample say. */
export interface ColumnEvidence {
	readonly type: ColumnType | DeclaredType;
	readonly values: readonly string[];
	/** Whether a value is one of the type. */
	fits(value: string): boolean;
}

/** Of each column of sound records that have so many. Fields that are empty or stand for NULL tell nothing. */
export function evidenceOf(
	records: readonly SampleRecord[],
	width: number,
	nullValues: ReadonlySet<string>,
): readonly ColumnEvidence[] {
	const fitting = records.filter(({ fields, isFlawed }) => !isFlawed && fields.length === width);
	return Array.from({ length: width }, (_, i) => {
		const said = fitting.filter(({ fields, quoted }) => quoted[i] || !nullValues.has(fields[i] ?? ""));
		return evidence(said.map(({ fields }) => fields[i] ?? "").filter((value) => value !== ""));
	});
}

function evidence(values: readonly string[]): ColumnEvidence {
	const type = typeOf(values.reduce((seen, value) => seen | classify(value), Seen.nothing as number));
	if (type !== "text") return { type, values, fits: (value) => fits(classify(value), type) };
	const form = formOf(values[0] ?? "");
	if (form === undefined || !values.every((value) => hasForm(value, form))) return { type, values, fits: () => true };
	return { type: form, values, fits: (value) => hasForm(value, form) };
}
