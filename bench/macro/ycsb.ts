import { settled } from "../process.js";
import { type Access, access, loadRecords, perform, verifyRecords } from "../ycsb-access.js";
import { ycsb } from "../ycsb-operations.js";
import type { Suite } from "./suite.js";

/** Operations of each workload, as a share of the records. */
const SHARE = 0.5;

/** The whole of it, since the later workloads work on the records that the earlier ones left. */
export const ycsbSuite: Suite = {
	workloads: ["ycsb"],
	steps({ entries, valueBytes, quietMilliseconds }) {
		const operations = Math.ceil(entries * SHARE);
		const { plan, records } = ycsb(entries, operations, valueBytes);
		return plan.map((phase, index) => ({
			of: "ycsb",
			name: `YCSB ${phase.name}: ${phase.text}`,
			operations,
			async prepare(store) {
				if (index === 0) await loadRecords(store, records);
				await settled(quietMilliseconds);
			},
			run: (store) => perform(access(store, "await") as Access, phase, records),
			async verify(store) {
				if (index === plan.length - 1) await verifyRecords(store, records);
			},
		}));
	},
};
