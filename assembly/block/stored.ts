// A block as it is stored: its bytes, perhaps compressed, then a trailer of 16 bytes:
//
//    0  u32  decodedLength
//    4  u8   type
//    5  u8   compression
//    6  u16  zero
//    8  u64  checksum        XXH64 of the stored bytes, seed made of the table's seed, the offset and bytes 0..8

import {
	BLOCK_TRAILER_BYTES, BLOCK_TRAILER_CHECKSUM, BLOCK_TRAILER_COMPRESSION, BLOCK_TRAILER_TYPE, BLOCK_TYPE_DATA,
	COMPRESSION_LZ4, COMPRESSION_NONE,
} from "../shared/format";
import { CORRUPT_CHECKSUM, CORRUPT_BLOCK, STATUS_DONE } from "../shared/status";
import { xxh64 } from "../hash/xxh64";
import { answerCorrupt } from "../memory/scratch";

function storedChecksum(block: u32, length: u32, offset: u64, seed: u64): u64 {
	const words = load<u64>(block + length);
	return xxh64(block, length, (seed ^ words) + offset * 0x9e3779b185ebca87);
}

/** Writes the trailer behind the `length` stored bytes of a block that will lie at `offset`. */
export function storedBlockSeal(block: u32, length: u32, decodedLength: u32, type: u32, compression: u32, offset: u64, seed: u64): void {
	const trailer = block + length;
	store<u64>(trailer, <u64>decodedLength | (<u64>type << 32) | (<u64>compression << 40));
	store<u64>(trailer, storedChecksum(block, length, offset, seed), BLOCK_TRAILER_CHECKSUM);
}

/** STATUS_DONE where the stored bytes are what was written at this place of this file, and of this type. */
export function storedBlockCheck(file: u32, seed: u64, block: u32, length: u32, offset: u64, type: u32): u32 {
	const trailer = block + length;
	if (load<u64>(trailer, BLOCK_TRAILER_CHECKSUM) != storedChecksum(block, length, offset, seed)) {
		return answerCorrupt(file, offset, CORRUPT_CHECKSUM);
	}
	const compression = load<u8>(trailer, BLOCK_TRAILER_COMPRESSION);
	const decoded: u64 = load<u32>(trailer);
	// No byte of LZ4's stands for more than 255: a claim beyond that would only cost memory.
	const sane = compression == COMPRESSION_NONE
		? decoded == length
		: compression == COMPRESSION_LZ4 && type == BLOCK_TYPE_DATA && decoded <= <u64>length * 255;
	if (load<u8>(trailer, BLOCK_TRAILER_TYPE) != type || load<u16>(trailer, 6) != 0 || !sane) {
		return answerCorrupt(file, offset, CORRUPT_BLOCK);
	}
	return STATUS_DONE;
}

/** Stored bytes and trailer. */
export function storedLength(length: u32): u32 {
	return length + BLOCK_TRAILER_BYTES;
}
