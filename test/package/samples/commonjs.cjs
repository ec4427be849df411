/* The same modules by require(), as far as they are there: prints what they export. */
const entries = ["wlsm", "wlsm/level", "wlsm/keyv", "wlsm/unstorage", "wlsm/typed", "wlsm/load", "wlsm/kernel"];
const modules = Object.fromEntries(entries.map((name) => [name, Object.keys(require(name)).sort()]));
const { openSync } = require("wlsm");
const db = openSync(":memory:");
db.putSync("a", "required");
db.sql.exec("CREATE TABLE t (x); INSERT INTO t VALUES (2)");
const found = [db.getSync("a"), db.sql.prepare("SELECT x FROM t").pluck().get()];
db.closeSync();
const { name } = require("wlsm/package.json");
console.log(JSON.stringify({ modules, found, name, kernel: require.resolve("wlsm/kernel.wasm") }));
