-- name: booksPerAuthor :many
-- Authors with at least so many books, and the newest of these.
SELECT a.name, count(*) AS books, max(b.year) AS newest
FROM authors AS a JOIN books AS b ON b.author = a.id
GROUP BY a.id HAVING count(*) >= {least} ORDER BY books DESC, a.name;

-- name: lend :run
UPDATE books SET available = 0 WHERE title = {title} AND available;
