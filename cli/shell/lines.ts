/** Lines of a script. Only a line feed ends one: what else some take for an end may stand within a text, which is to stay as it is. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
	const decoder = new TextDecoder();
	let rest = "";
	for await (const chunk of chunks) {
		const [first = "", ...more] = decoder.decode(chunk, { stream: true }).split("\n");
		rest += first;
		for (const line of more) {
			yield rest;
			rest = line;
		}
	}
	yield rest + decoder.decode();
}
