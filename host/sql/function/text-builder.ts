/** A text that grows piece by piece. */

/** Pieces that are joined at once. */
const MOST_PIECES = 1024;
/** Of a piece beside its characters. */
const PIECE_BYTES = 40;

/** Takes little more memory than its characters, where `+=` alone would keep each piece until the text is looked at. */
export class TextBuilder {
	#text = "";
	#pieces: string[] = [];
	#length = 0;

	add(piece: string): void {
		this.#length += piece.length;
		if (this.#pieces.push(piece) === MOST_PIECES) this.#join();
	}

	get text(): string {
		if (this.#pieces.length > 0) this.#join();
		return this.#text;
	}

	/** About how many bytes of memory it takes. */
	get heldBytes(): number {
		return this.#length + this.#pieces.length * PIECE_BYTES;
	}

	#join(): void {
		this.#text += this.#pieces.length === 1 ? this.#pieces[0] : this.#pieces.join("");
		this.#pieces = [];
	}
}
