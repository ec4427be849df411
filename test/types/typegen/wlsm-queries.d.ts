// Written by wlsm typegen: changes are lost.
/* eslint-disable */

import type { Buffer } from "node:buffer";
import type { ColumnType, Generated, GeneratedAlways } from "kysely";
import type { RunResult, SqlDatabase } from "wlsm";

declare module "wlsm" {
	interface DeclaredTables {
		customers: {
			id: number;
			name: string;
			email: string | null;
			credit: number;
			photo: Buffer | null;
			since: number | string | Buffer | null;
			"first order": number | null;
			initial: string;
		};
		kv: {
			key: string | Buffer;
			value: string | Buffer;
		};
		orders: {
			id: number;
			customer: number;
			total: number;
			state: string;
			note: string | null;
		};
		spending: {
			id: number;
			name: string;
			total: number | null;
		};
		stock: {
			article: string;
			amount: number;
			label: Buffer;
		};
	}

	interface DeclaredQueries {
		"SELECT c.name, o.total\n\t\tFROM customers AS c LEFT JOIN orders AS o ON o.customer = c.id\n\t\tWHERE c.id IN (:first, :second)": {
			parameters: {
				first: number | bigint;
				second: number | bigint;
			};
			row: {
				name: string;
				total: number | null;
			};
		};
		"SELECT name, email FROM customers WHERE credit > ? AND since >= ?": {
			parameters: readonly [number | bigint, number | bigint | string | Uint8Array];
			row: {
				name: string;
				email: string | null;
			};
		};
		'SELECT photo, "first order", total(credit) FROM customers': {
			parameters: Record<never, never>;
			row: {
				photo: Buffer | null;
				"first order": number | null;
				"total(credit)": number;
			};
		};
		"UPDATE customers SET photo = :photo, credit = credit + :more WHERE id = :id": {
			parameters: {
				photo: Uint8Array | null;
				more: number | bigint;
				id: number | bigint;
			};
			row: never;
		};
	}
}

/** The tables, for `Kysely<DB>`. */
export interface DB {
	customers: {
		id: Generated<number>;
		name: string;
		email: string | null;
		credit: Generated<number>;
		photo: ColumnType<Buffer | null, Uint8Array | null | undefined, Uint8Array | null>;
		since: ColumnType<
			number | string | Buffer | null,
			number | string | Uint8Array | null | undefined,
			number | string | Uint8Array | null
		>;
		"first order": number | null;
		initial: GeneratedAlways<string>;
	};
	kv: {
		key: ColumnType<string | Buffer, string | Uint8Array, string | Uint8Array>;
		value: ColumnType<string | Buffer, string | Uint8Array, string | Uint8Array>;
	};
	orders: {
		id: Generated<number>;
		customer: number;
		total: number;
		state: Generated<string>;
		note: string | null;
	};
	spending: {
		id: GeneratedAlways<number>;
		name: GeneratedAlways<string>;
		total: GeneratedAlways<number | null>;
	};
	stock: {
		article: string;
		amount: number;
		label: ColumnType<Buffer, Uint8Array, Uint8Array>;
	};
}

/** A database, or its `sql`. */
export type SqlSource = SqlDatabase | { readonly sql: SqlDatabase };

export interface AddOrderParameters {
	customer: number | bigint;
	total: number | bigint;
	note: string | null;
}

export declare function addOrder(db: SqlSource, parameters: AddOrderParameters): RunResult;

export interface CountCustomersRow {
	customers: number;
	"most credit": number | null;
}

export declare function countCustomers(db: SqlSource): CountCustomersRow[];

export interface FindOrderParameters {
	id: number | bigint;
}

export interface FindOrderRow {
	id: number;
	customer: number;
	total: number;
	state: string;
	note: string | null;
	name: string;
	email: string | null;
}

/** An order with the name of its customer. */
export declare function findOrder(db: SqlSource, parameters: FindOrderParameters): FindOrderRow | undefined;

export interface OrdersOfParameters {
	customer: number | bigint;
	state: string | null;
}

export interface OrdersOfRow {
	id: number;
	total: number;
	note: string | null;
}

export declare function ordersOf(db: SqlSource, parameters: OrdersOfParameters): OrdersOfRow[];

export type SetStockParameters = readonly [string, number | bigint, Uint8Array];

export declare function setStock(db: SqlSource, parameters: SetStockParameters): RunResult;
