const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A number of bytes with three digits or so: 999 B, 1.50 KiB, 23.4 MiB. */
export function sizeText(bytes: number): string {
	let value = bytes;
	let unit = 0;
	// What would be rounded to 1024 belongs to the next unit.
	while (Math.abs(value) >= 1023.5 && unit < binaryUnits.length - 1) {
		value /= 1024;
		unit += 1;
	}
	return `${unit === 0 ? numberOf(value) : threeDigits(value)} ${binaryUnits[unit]}`;
}

export function durationText(milliseconds: number): string {
	if (milliseconds < 999.5) return `${threeDigits(milliseconds)} ms`;
	if (milliseconds < 59_950) return `${threeDigits(milliseconds / 1000)} s`;
	const minutes = Math.round(milliseconds / 60_000);
	return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Whole numbers by thousands, others with three digits. */
export function numberOf(value: number): string {
	return Number.isInteger(value) ? value.toLocaleString("en") : threeDigits(value);
}

function threeDigits(value: number): string {
	if (value === 0) return "0";
	if (Math.abs(value) < 9.995) return value.toFixed(2);
	return Math.abs(value) < 99.95 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}
