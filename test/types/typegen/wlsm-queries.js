// Written by wlsm typegen: changes are lost.
/* eslint-disable */

const addOrderText = "INSERT INTO orders (customer, total, note) VALUES (:customer, :total, :note)";

export function addOrder(db, parameters) {
	return prepared(db, addOrderText).run(parameters);
}

const countCustomersText = 'SELECT count(*) AS customers, max(credit) AS "most credit" FROM customers';

export function countCustomers(db) {
	return prepared(db, countCustomersText).all();
}

const findOrderText =
	"SELECT o.*, c.name, c.email FROM orders AS o JOIN customers AS c ON c.id = o.customer WHERE o.id = {id}";

/** An order with the name of its customer. */
export function findOrder(db, parameters) {
	return prepared(db, findOrderText).get(parameters);
}

const ordersOfText =
	"SELECT id, total, note FROM orders WHERE customer = :customer AND (:state IS NULL OR state = :state) ORDER BY id";

export function ordersOf(db, parameters) {
	return prepared(db, ordersOfText).all(parameters);
}

const setStockText = "INSERT INTO stock VALUES (?, ?, ?) ON CONFLICT (article) DO UPDATE SET amount = excluded.amount";

export function setStock(db, parameters) {
	return prepared(db, setStockText).run(...parameters);
}

function prepared(db, text) {
	return ("sql" in db ? db.sql : db).prepare(text);
}
