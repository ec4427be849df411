import type { Random } from "../random.js";
import { type DataSurvival, Inode } from "./inode.js";

/** When a change of a directory is on stable storage. */
export const NAME_MODELS = [
	/** One journal for all: any sync settles every earlier change, and a cut keeps the first so many. */
	"journal",
	/** A sync of a file settles its own names, one of a directory all of that. */
	"own",
	/** The POSIX minimum: only a sync of the directory settles its names. */
	"posix",
] as const;
export type NameModel = (typeof NAME_MODELS)[number];

export interface Survival {
	readonly model: NameModel;
	/** What becomes of unsettled changes of directories; "some" of them, in an order that the model allows. */
	readonly names: "lost" | "kept" | "some";
	readonly data: DataSurvival | "mixed";
}

export interface Directory {
	readonly names: Map<string, Node>;
	/** As the disk was made with. */
	readonly initial: ReadonlyMap<string, Node>;
}

export type Node = Inode | Directory;

export function isDirectory(node: Node | undefined): node is Directory {
	return node !== undefined && "names" in node;
}

export function newDirectory(names: ReadonlyMap<string, Node> = new Map()): Directory {
	return { names: new Map(names), initial: names };
}

/** One atomic change: a rename is two entries. */
interface Change {
	readonly entries: readonly {
		readonly directory: Directory;
		readonly name: string;
		readonly node: Node | undefined;
	}[];
	/** Of which file, or directory, the names are. */
	readonly of: Node;
	readonly settled: Set<NameModel>;
}

/** The directories of a disk, and what of them is on stable storage. */
export class Names {
	readonly root: Directory;
	readonly #changes: Change[] = [];

	constructor(root: Directory = newDirectory()) {
		this.root = root;
	}

	/** `undefined` removes. */
	change(of: Node, ...entries: Change["entries"][number][]): void {
		for (const { directory, name, node } of entries) {
			if (node === undefined) directory.names.delete(name);
			else directory.names.set(name, node);
		}
		this.#changes.push({ entries, of, settled: new Set() });
	}

	directorySynced(synced: Directory): void {
		for (const { entries, settled } of this.#changes) {
			settled.add("journal");
			if (!entries.some(({ directory }) => directory === synced)) continue;
			settled.add("posix");
			settled.add("own");
		}
	}

	fileSynced(file: Inode): void {
		for (const { of, settled } of this.#changes) {
			settled.add("journal");
			if (of === file) settled.add("own");
		}
	}

	/** The tree that is found when the power is back. */
	afterCut(survival: Survival, random: Random): Directory {
		const trees = new Map<Directory, Map<string, Node>>();
		const tree = (directory: Directory): Map<string, Node> => {
			let names = trees.get(directory);
			if (names === undefined) {
				names = new Map(directory.initial);
				trees.set(directory, names);
			}
			return names;
		};
		const open = this.#changes.filter(({ settled }) => !settled.has(survival.model)).length;
		let keep = random.below(open + 1);
		for (const { entries, settled } of this.#changes) {
			if (!settled.has(survival.model)) {
				if (survival.names === "lost") continue;
				const chosen = survival.model === "journal" ? keep-- > 0 : random.once(2);
				if (survival.names === "some" && !chosen) continue;
			}
			for (const { directory, name, node } of entries) {
				if (node === undefined) tree(directory).delete(name);
				else tree(directory).set(name, node);
			}
		}
		const copies = new Map<Node, Node>();
		const copy = (node: Node): Node => {
			const done = copies.get(node);
			if (done !== undefined) return done;
			const made = isDirectory(node)
				? newDirectory(new Map([...tree(node)].map(([name, target]) => [name, copy(target)])))
				: new Inode(
						node.afterCut(survival.data === "mixed" ? random.pick(["lost", "kept", "torn"]) : survival.data, random),
					);
			copies.set(node, made);
			return made;
		};
		return copy(this.root) as Directory;
	}
}
