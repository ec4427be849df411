/*
 * What the library has beside its modules, as data: in a program that a bundler made, files would not lie where they are looked for.
 * Stands there in the place of artifact.ts, kernel/twin.ts and both worker-file.ts; library.js builds it and puts the constants in.
 */
import * as twin from "./kernel/ts/kernel.js";

declare const KERNEL_DATA: string;
declare const BACKGROUND_WORKER_DATA: string;
declare const BULK_WORKER_DATA: string;

export const kernelUrl: URL = new URL(KERNEL_DATA);

export const backgroundWorkerUrl = (): URL => new URL(BACKGROUND_WORKER_DATA);

export const bulkWorkerUrl = (): URL => new URL(BULK_WORKER_DATA);

export const loadTwin = (): typeof twin => twin;
