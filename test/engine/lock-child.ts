/** A process of its own for lock.test.js: locks the directory, says how that went, and holds the lock until it is killed. */
import { acquireLock } from "../../host/engine/lock.js";
import { WlsmError } from "../../host/errors.js";
import { NodeStorage } from "../../host/storage/index.js";

const [directory = "", startAt = "0"] = process.argv.slice(2);
while (Date.now() < Number(startAt)) {}
try {
	acquireLock(new NodeStorage(), directory);
	console.log("held");
	setInterval(() => {}, 1000);
} catch (error) {
	console.log(error instanceof WlsmError ? error.code : String(error));
}
