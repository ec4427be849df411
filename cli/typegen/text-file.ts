/** Texts of files, as compilers read them. */

import { readFileSync } from "node:fs";

/**
 * Without a byte order mark, as editors count columns. In UTF-8, or in UTF-16 where the mark says so, which is what PowerShell makes of the
 * output of a program.
 */
export function readTextFile(path: string): string {
	const bytes = readFileSync(path);
	if (bytes.length % 2 === 0 && bytes[0] === 0xfe && bytes[1] === 0xff) bytes.swap16();
	const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "utf8";
	return bytes.toString(encoding).replace(/^\ufeff/, "");
}
