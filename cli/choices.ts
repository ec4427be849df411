/** Words that settings and options may be: apart, as every command knows the settings. */

export const formatNames = ["table", "json", "jsonl", "csv", "markdown", "line"] as const;
export type FormatName = (typeof formatNames)[number];

export const colorModes = ["auto", "always", "never"] as const;
export type ColorMode = (typeof colorModes)[number];
