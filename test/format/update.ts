/** Writes the dumps in host/FORMAT.md anew, from what the code writes now. */

import { writeFileSync } from "node:fs";
import { FORMAT_DOCUMENT, readDocument, withDumps } from "./document.js";
import { formatDumps } from "./format-dump.js";

writeFileSync(FORMAT_DOCUMENT, withDumps(readDocument(), await formatDumps()));
