import type { Engine } from "./engine.js";
import { createLog } from "./recovery.js";
import { MemtableReference, Superversion } from "./superversion.js";

/** Begins a new log, and a new memtable in front of the active one. Neither log is synced: see `LogWriter.follow`. */
export function freeze(engine: Engine): void {
	const { files, kernel, manifest, superversion } = engine;
	const active = new MemtableReference(kernel, engine.options.memtableBytes);
	let next: Superversion;
	try {
		next = new Superversion(kernel, [active, ...superversion.memtables], superversion.levels);
	} catch (error) {
		active.memtable.free();
		throw error;
	}
	try {
		engine.log.switchTo(createLog(files, engine.directory, kernel, manifest));
	} catch (error) {
		next.release();
		throw error;
	}
	active.logs = [engine.log.number];
	engine.active.freeze(engine.lastSequence, engine.log.number);
	engine.install(next, active);
}
