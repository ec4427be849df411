import type { Command } from "../command.js";
import { checkpoint } from "./checkpoint.js";
import { compact } from "./compact.js";
import { delete_ } from "./delete.js";
import { explain } from "./explain.js";
import { flush } from "./flush.js";
import { get } from "./get.js";
import { load } from "./load.js";
import { put } from "./put.js";
import { query } from "./query.js";
import { repair } from "./repair.js";
import { scan } from "./scan.js";
import { stats } from "./stats.js";
import { verify } from "./verify.js";

/** In the order that the help shows. */
export const commands: readonly Command[] = [
	put,
	get,
	delete_,
	scan,
	load,
	query,
	explain,
	stats,
	flush,
	compact,
	verify,
	repair,
	checkpoint,
];
