import { KEY_MAX_BYTES, VALUE_MAX_BYTES } from "../../assembly/shared/format.js";
import { WlsmError } from "../errors.js";

export {
	deleteOperation,
	deleteRangeOperation,
	type EncodedBatch,
	encodeOperations,
	type OperationRoom,
	putOperation,
	writeExpiry,
} from "../kernel/operations.js";

/** Of a key without its keyspace, and its value: longer ones are for no file. */
export function checkLengths(keyLength: number, valueLength: number): void {
	if (valueLength > VALUE_MAX_BYTES) throw tooLong("value", valueLength, VALUE_MAX_BYTES);
	if (keyLength >= KEY_MAX_BYTES) throw tooLong("key", keyLength, KEY_MAX_BYTES - 1);
}

function tooLong(what: string, bytes: number, most: number): WlsmError {
	const said = `The ${what} has ${bytes.toLocaleString("en")} bytes; there is room for ${most.toLocaleString("en")}.`;
	return new WlsmError("WLSM_INVALID_ARGUMENT", said);
}
