/** The encodings that keys and values cross this interface in: abstract-level makes all others of them. */
export const FORMATS = ["utf8", "view", "buffer"] as const;
export type Format = (typeof FORMATS)[number];

/** What abstract-level says with each operation. */
export interface Formats {
	readonly keyEncoding?: Format;
	readonly valueEncoding?: Format;
}
