/** Written and never read, so that the load is not dropped. */
let fetched: u32 = 0;

/** Lets the processor bring the line of an address into its cache while other work goes on. */
// @ts-ignore: decorator
@inline
export function prefetch(address: usize): void {
	fetched = load<u8>(address);
}
