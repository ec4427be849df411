import { styleText } from "node:util";
import type { ColorMode } from "./choices.js";

/** What a piece of text is to those who read it; in colours where these are wanted. */
export type Role = "heading" | "absent" | "number" | "bar" | "note";
export type Paint = (role: Role, text: string) => string;

/** How a text is to look where it goes to. */
export interface Look {
	/** Columns of the terminal; absent where lines may be of any length. */
	readonly width?: number | undefined;
	readonly paint: Paint;
	/** Of what stands in the database: on a terminal control characters could do anything. */
	readonly display: (text: string) => string;
}

export const plainPaint: Paint = (_role, text) => text;

/** Of a file or a pipe. */
export const plainLook: Look = { paint: plainPaint, display: (text) => text };

const formats = { heading: "bold", absent: "dim", number: "cyan", bar: "cyan", note: "dim" } as const;

/** Whether it is wanted was found out before: the runtime is not to look for itself. */
export const colours: Paint = (role, text) =>
	text === "" ? "" : styleText(formats[role], text, { validateStream: false });

/** NO_COLOR, and behind it FORCE_COLOR, hold where the command line and the configuration leave it open: https://no-color.org, https://force-color.org */
export function paintFor(mode: ColorMode, isTerminal: boolean, env: NodeJS.ProcessEnv = process.env): Paint {
	return wantsColours(mode, isTerminal, env) ? colours : plainPaint;
}

function wantsColours(mode: ColorMode, isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
	if (mode !== "auto") return mode === "always";
	const [none, force] = [visible(env, "NO_COLOR"), visible(env, "FORCE_COLOR")];
	if (none !== undefined && none !== "") return false;
	if (force !== undefined) return !["0", "false"].includes(force);
	return isTerminal && visible(env, "TERM") !== "dumb";
}

/** A variable that the runtime does not show (Deno without leave for it) counts as one that is not set. */
function visible(env: NodeJS.ProcessEnv, name: string): string | undefined {
	try {
		return env[name];
	} catch {
		return undefined;
	}
}
