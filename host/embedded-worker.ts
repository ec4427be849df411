/* Stands in the place of artifact.ts in workers that are data: whoever starts them says where the kernel is. */
import { workerData } from "node:worker_threads";

export const kernelUrl: URL = new URL((workerData as { readonly kernel: string }).kernel);
