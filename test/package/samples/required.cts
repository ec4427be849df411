/* As types.ts, from CommonJS: TypeScript has require() of modules of ECMAScript from 5.8 on. */
import wlsm = require("wlsm");
import level = require("wlsm/level");

export const db: wlsm.Database = wlsm.openSync(":memory:");
export const other: level.WlsmLevel = new level.WlsmLevel(":memory:");
