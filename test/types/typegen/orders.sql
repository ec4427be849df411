-- name: findOrder :one
-- An order with the name of its customer.
SELECT o.*, c.name, c.email FROM orders AS o JOIN customers AS c ON c.id = o.customer WHERE o.id = {id};

-- name: ordersOf :many
SELECT id, total, note FROM orders WHERE customer = :customer AND (:state IS NULL OR state = :state) ORDER BY id;

-- name: addOrder :run
INSERT INTO orders (customer, total, note) VALUES (:customer, :total, :note);

-- name: setStock
INSERT INTO stock VALUES (?, ?, ?) ON CONFLICT (article) DO UPDATE SET amount = excluded.amount;
