/** A program of inline queries as applications have them, no two alike, and the same program that has them as mere texts. */

export const TABLES = `declare module "wlsm" {
	interface DeclaredTables {
		users: { id: number; name: string; email: string | null; age: number | null; state: string };
		posts: { id: number; user_id: number; title: string; body: string | null; rating: number | null; created: string };
		tags: { post_id: number; tag: string };
	}
}
`;

type Template = (n: number) => string;

/** From ten tokens to a hundred. */
const TEMPLATES: readonly Template[] = [
	(n) => `SELECT id, name FROM users WHERE id = {id${n}}`,
	(n) => `SELECT u.id, u.name, p.title, p.rating AS rating${n} FROM users u JOIN posts p ON p.user_id = u.id
		WHERE u.email LIKE {email} AND p.rating > {least} ORDER BY p.rating DESC LIMIT {limit}`,
	(n) => `
		SELECT u.name, count(*) AS posts${n}, max(p.rating) AS best
		FROM users u
		LEFT JOIN posts p ON p.user_id = u.id
		WHERE u.age BETWEEN {from} AND {to} AND u.state IN ({a}, {b})
		GROUP BY u.id
		HAVING count(*) > {count}
		ORDER BY posts${n} DESC
		LIMIT {limit} OFFSET {offset}`,
	(n) => `UPDATE users SET name = {name}, email = {email}, age = {age} WHERE id = {id${n}}`,
	(n) => `INSERT INTO posts (user_id, title, body, rating) VALUES ({user}, {title${n}}, {body}, {rating}) RETURNING id`,
	(n) => `SELECT p.*, u.name AS author${n} FROM posts p LEFT JOIN users u ON u.id = p.user_id
		WHERE (p.title LIKE '%' || {q} || '%' OR p.body LIKE {q})
			AND p.id IN (SELECT post_id FROM tags WHERE tag = {tag})
		ORDER BY coalesce(p.rating, 0) DESC, p.id`,
	(n) => `SELECT date(created) AS day, count(*) AS n${n}, sum(rating) AS total, round(avg(rating), 2) AS mean,
			lower(title) AS t, CASE WHEN rating > 4 THEN 'good' WHEN rating > 2 THEN 'fair' ELSE 'poor' END AS class
		FROM posts WHERE created >= {since} GROUP BY day, class ORDER BY day DESC`,
	(n) => `DELETE FROM posts WHERE id = {id${n}} AND user_id = {user}`,
];

const TEXTS = /^(?:email|a|b|name|title|body|q|tag|since)\d*$/;

export function queriesProgram(count: number, written: "as queries" | "as texts"): string {
	const lines = Array.from({ length: count }, (_, n) => {
		const text = (TEMPLATES[n % TEMPLATES.length] as Template)(n); // n is within
		if (written === "as texts") return `export const q${n} = ${JSON.stringify(text)};`;
		const names = [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string))];
		const given = names.map((name) => `${name}: ${TEXTS.test(name) ? '"x"' : 1}`).join(", ");
		const method = /^\s*SELECT|RETURNING/.test(text) ? "query" : "execute";
		return `export const q${n} = sql.${method}(${JSON.stringify(text)}${given === "" ? "" : `, { ${given} }`});`;
	});
	const head = `import { openSync } from "wlsm";\n${TABLES}const { sql } = openSync(":memory:");\n`;
	return `${head}${lines.join("\n")}\nexport { sql };\n`;
}
