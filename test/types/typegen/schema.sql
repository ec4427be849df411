-- A shop: what `wlsm typegen` makes of it is in wlsm-queries.d.ts.
CREATE TABLE customers (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	email TEXT UNIQUE,
	credit REAL NOT NULL DEFAULT 0,
	photo BLOB,
	since DATE,
	"first order" INT,
	initial TEXT AS (substr(name, 1, 1))
);
CREATE TABLE orders (
	id INTEGER PRIMARY KEY,
	customer INTEGER NOT NULL REFERENCES customers,
	total REAL NOT NULL,
	state TEXT NOT NULL DEFAULT 'open',
	note TEXT
);
CREATE TABLE stock (article TEXT PRIMARY KEY, amount INT NOT NULL, label BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIEW spending AS
	SELECT c.id, c.name, sum(o.total) AS total FROM customers AS c LEFT JOIN orders AS o ON o.customer = c.id GROUP BY c.id;
