import { STATUS_CORRUPT, STATUS_DONE, STATUS_NEED } from "../../assembly/shared/status.js";
import type { Engine } from "./engine.js";
import { tableCorruption } from "./failure.js";
import { overlapping } from "./picker.js";
import type { StoredBounds } from "./range.js";

/** Whether any key within the bounds has been written or deleted after `sequence`: looks at what is that new alone. */
export function rangeChanged(engine: Engine, { lower, upper }: StoredBounds, sequence: number): boolean {
	const { kernel, superversion } = engine;
	const levels = superversion.levels.map((tables) =>
		overlapping(tables, lower, upper).filter(({ description }) => description.maxSequence > sequence),
	);
	const sources = kernel.createSuperversion(
		superversion.memtables.map(({ memtable }) => memtable),
		levels.map((tables) => tables.map(({ handle }) => handle)),
	);
	try {
		const scan = kernel.createScan({
			superversion: sources,
			sequence: engine.lastSequence,
			now: 0,
			lower,
			upper,
			reverse: false,
			skipKeyBytes: 0,
		});
		try {
			let status = scan.changed(sequence);
			while (status === STATUS_NEED) {
				superversion.table(kernel.need.file).readSync(kernel.need);
				status = scan.changed(sequence);
			}
			if (status === STATUS_CORRUPT) throw tableCorruption(superversion.table(kernel.damage.file).path, kernel.damage);
			return status === STATUS_DONE;
		} finally {
			scan.free();
		}
	} catch (error) {
		throw engine.trapped(error);
	} finally {
		sources.free();
	}
}
