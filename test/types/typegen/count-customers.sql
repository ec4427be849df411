SELECT count(*) AS customers, max(credit) AS "most credit" FROM customers;
