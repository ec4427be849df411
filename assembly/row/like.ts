// LIKE over the bytes of UTF-8: % stands for any text, _ for one character, letters of ASCII match regardless of case.

const PERCENT: u32 = 0x25;
const UNDERSCORE: u32 = 0x5f;

export function matchesLike(text: u32, textEnd: u32, pattern: u32, patternEnd: u32): bool {
	let at = text;
	let next = pattern;
	// Behind the last %, and where in the text what follows it is tried next.
	let afterAny: u32 = 0;
	let retry: u32 = 0;
	while (at < textEnd) {
		if (next < patternEnd) {
			const wanted = <u32>load<u8>(next);
			if (wanted == PERCENT) {
				next += 1;
				if (next == patternEnd) return true;
				afterAny = next;
				retry = at;
				continue;
			}
			if (wanted == UNDERSCORE) {
				next += 1;
				at = characterEnd(at, textEnd);
				continue;
			}
			if (lower(wanted) == lower(<u32>load<u8>(at))) {
				next += 1;
				at += 1;
				continue;
			}
		}
		if (afterAny == 0) return false;
		retry = candidateAfter(retry, textEnd, <u32>load<u8>(afterAny));
		at = retry;
		next = afterAny;
	}
	while (next < patternEnd && <u32>load<u8>(next) == PERCENT) next += 1;
	return next == patternEnd;
}

/** The next character that may be the one wanted. */
function candidateAfter(at: u32, end: u32, wanted: u32): u32 {
	if (wanted == PERCENT || wanted == UNDERSCORE) return characterEnd(at, end);
	const folded = lower(wanted);
	for (at += 1; at < end; at++) if (lower(<u32>load<u8>(at)) == folded) break;
	return at;
}

// @ts-ignore: decorator
@inline
function lower(byte: u32): u32 {
	return byte - 0x41 < 26 ? byte | 0x20 : byte;
}

// @ts-ignore: decorator
@inline
function characterEnd(at: u32, end: u32): u32 {
	at += 1;
	while (at < end && (load<u8>(at) & 0xc0) == 0x80) at += 1;
	return at;
}
