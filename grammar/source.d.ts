/** The text of sql.peggy with the rules of its keywords. */
export function grammarSource(): Promise<string>;
