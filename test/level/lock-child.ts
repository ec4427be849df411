/** Tries to open the database in a directory, and says what came of it. */

import { WlsmLevel } from "../../host/level/index.js";

const db = new WlsmLevel(process.argv[2] as string);
try {
	await db.open();
	await db.close();
	process.stdout.write("open");
} catch (error) {
	const { code, cause } = error as { code: string; cause: { code: string } };
	process.stdout.write(`${code} ${cause.code}`);
}
