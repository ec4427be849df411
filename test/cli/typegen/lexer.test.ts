// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are sources
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findQueries } from "../../../cli/typegen/find.js";
import { type Dialect, lex } from "../../../cli/typegen/lexer.js";
import { Random } from "../../support/random.js";
import { sources } from "../../support/sources.js";

const test = suite("the lexer of sources");

/** The tokens as they stand in the source, but for what is only passed over. */
function shown(source: string, dialect: Dialect = "plain"): string {
	return lex(source, dialect)
		.tokens.map(({ kind, start, end }) => (kind === "value" ? "#" : source.slice(start, end)))
		.join(" ");
}

test("strings, templates and comments hide what is in them", () => {
	assert.is(shown(`a("it's", 'say "x"', "a\\"b", '\\\\') // "c`), `a ( "it's" , 'say "x"' , "a\\"b" , '\\\\' )`);
	assert.is(shown("/* ` */ `a${b + `c${'`'}d`}e` + 1"), "`a${ b + `c${ '`' }d` }e` + #");
	assert.is(shown("`\\`${{ a: `}` }}` + `$` + `\\${a}`"), "`\\`${ { a : `}` } }` + `$` + `\\${a}`");
	assert.is(shown("#!/usr/bin/env node's\nlet x"), "let x");
	assert.is(shown('"open\nnext("x")'), '"open next ( "x" )');
	assert.is(shown('"line\\\nend" + 1'), '"line\\\nend" + #');
	assert.is(shown("a?.b ?? c?.[0]; x ? .5 : 1e3"), "a ?. b ? ? c ?. [ # ] ; x ? # : #");
});

test("a slash divides behind a value, and begins a regular expression where an expression begins", () => {
	const cases: readonly (readonly [source: string, tokens: string])[] = [
		["a / b / c", "a / b / c"],
		["x = /[/'\"`]\\/'/g.test(y) / 2", "x = # . test ( y ) / #"],
		["return /'/", "return #"],
		["(a) / b / '", "( a ) / b / '"],
		["if (a) /'/.test(b)", "if ( a ) # . test ( b )"],
		["a[0] / 2 / '", "a [ # ] / # / '"],
		["i++ / 2; /'/", "i ++ / # ; #"],
		["{ a } /'/", "{ a } #"],
		["x = { a: 1 } / 2", "x = { a : # } / #"],
		["() => { a } \n/'/", "( ) => { a } #"],
		["x.return / 2", "x . return / #"],
		["`${/`/}` / 2", "`${ # }` / #"],
		["a = b\n/ c", "a = b / c"],
		["f(/'/, /`/)", "f ( # , # )"],
		["case /'/:", "case # :"],
		["a = /unclosed\n'x'", "a = / unclosed 'x'"],
	];
	for (const [source, tokens] of cases) assert.is(shown(source), tokens, source);
});

test("text of JSX hides its quotes, and braces in it are code", () => {
	const cases: readonly (readonly [source: string, tokens: string])[] = [
		["x = <p>don't `do`</p>; 'y'", "x = # ; 'y'"],
		[
			"(<a b='\"' c={d('e')} {...f}>it's {g(`h`)}<i/> <b.c-d e:f/></a>)",
			"( { d ( 'e' ) } { . . . f } { g ( `h` ) } # )",
		],
		["<>'<b>`</b></> + 1", "# + #"],
		["return <A<T> x={1 < 2}>`</A>", "return { # < # } #"],
		["x = a ? <b>'</b> : <c d=<e>'</e> />", "x = a ? # : #"],
		["{list.map((x) => <li key={x}>{x} isn't</li>)}", "{ list . map ( ( x ) => { x } { x } # ) }"],
		["<a>{/* ` */}{`}`}</a>; 'z'", "{ } { `}` } # ; 'z'"],
		["a < b; c > d; 'x'", "a < b ; c > d ; 'x'"],
		["f = <T,>(x: T) => 'x'", "f = < T , > ( x : T ) => 'x'"],
		["f = <T extends 'a'>(x: T) => x", "f = < T extends 'a' > ( x : T ) => x"],
		["type F = <T>(x: T) => 'a'; type G = 'b'", "type F = < T > ( x : T ) => 'a' ; type G = 'b'"],
		["x = <a>'</b>; 'c'", "x = < a > '</b>; ' c '"],
		["x = <a>{'b'", "x = < a > { 'b'"],
	];
	for (const [source, tokens] of cases) assert.is(shown(source, "jsx"), tokens, source);
	assert.is(shown("x = <Foo>y; 'a'"), "x = < Foo > y ; 'a'");
});

const COMPONENT = `
const first = async <T extends { id: number }>(list: readonly T[]): Promise<Map<number, T>> => new Map(list.map((x) => [x.id, x]));
export const pick = <const K,>(key: K) => <V,>(from: Record<string, V>) => from[key as string]!.length / 2;
type Render = <P>(props: P) => JSX.Element;
export function List({ items, onPick }: { items: Item[]; onPick?: (id: number) => void }) {
	const ref = useRef<HTMLUListElement | null>(null); // what's this
	const [open, setOpen] = useState<Record<string, boolean>>({});
	const width = (ref.current?.clientWidth ?? 0) / 2, half = items.length / 2;
	useEffect(() => { db.sql.query("SELECT id FROM items WHERE name = {name}", { name: \`\${half}\` }); }, [half < 3 && width > 4]);
	if (!items.length) return <p className="none">Nobody's here \`yet\`.</p>;
	return (
		<>
			{/* it's a comment: \` */}
			<ul ref={ref} style={{ width: \`calc(\${width}px - 1em)\`, top: width < 5 ? "0" : '1' }} {...(open ? { title: "it's" } : {})}>
				{items.filter((item) => item.size > 3 && item.size < 9).map(({ id, name }) => (
					<li key={id} onClick={() => { onPick?.(id); setOpen((now) => ({ ...now, [name]: !now[name] })); }} data-it's>
						<Menu.Item<Item> as="a" render={<b>don't</b>} href="/it's">{name} isn't {open[name] ? "open" : <i>'shut'</i>}</Menu.Item>
						{name.replace(/['"\`<>{}/]/g, "") /* ' */}<br/>&nbsp;{"'"}
					</li>
				))}
			</ul>
		</>
	);
}
`;

test("a component with all of that comes out even, and its query is found", () => {
	const source = COMPONENT.replace(" data-it's", "");
	assert.is(imbalance(source, "jsx"), undefined);
	assert.equal(
		findQueries(source, true).queries.map(({ text }) => text),
		["SELECT id FROM items WHERE name = {name}"],
	);
	// With a quote where none may stand, too.
	assert.is(findQueries(COMPONENT, true).queries.length, 1);
});

/** Brackets and templates that are opened are closed, strings have their quotes. */
function imbalance(source: string, dialect: Dialect): string | undefined {
	const open: string[] = [];
	for (const { kind, text, start, end } of lex(source, dialect).tokens) {
		const line = () => `line ${source.slice(0, start).split("\n").length}`;
		if (kind === "string" && (end - start < 2 || source[start] !== source[end - 1])) return line();
		if (kind === "punctuation" && /^[([{]$/.test(text)) open.push(text);
		if (kind === "punctuation" && /^[)\]}]$/.test(text) && `${open.pop()}${text}`.search(/^(\(\)|\[\]|\{\})$/) < 0)
			return line();
		if (kind === "chunk" && text.startsWith("}") && open.pop() !== "${") return line();
		if (kind === "chunk" && text.endsWith("${")) open.push("${");
	}
	return open.length > 0 ? `${open.length} open at the end` : undefined;
}

const OWN = sources(["assembly", "bench", "cli", "examples", "grammar", "host", "test"], [".ts", ".js"]);

test("everything in this project comes out even, also where JSX might be", () => {
	assert.ok(OWN.length > 500);
	for (const { path, text } of OWN) {
		assert.is(imbalance(text, "plain"), undefined, path);
		// Where there is a type assertion with `<`, that is another language.
		if (!path.startsWith("assembly/")) assert.is(imbalance(text, "jsx"), undefined, path);
	}
});

test("whatever is left of a source, something is made of it, without end or error", () => {
	const random = new Random(7);
	const snippets = [
		"`",
		"${",
		"}",
		"'",
		'"',
		"/",
		"<a>",
		"</a>",
		"<",
		"{",
		"(",
		".query(",
		"sql`",
		"\\",
		"\n",
		"import {sql} from 'wlsm';",
	];
	for (let i = 0; i < 400; i++) {
		const { text } = random.pick(OWN);
		const from = random.below(text.length);
		const cut = text.slice(from, from + random.below(3000));
		const at = random.below(cut.length + 1);
		const broken = cut.slice(0, at) + random.pick(snippets) + cut.slice(at + random.below(20));
		for (const isJsx of [true, false]) {
			const { tokens } = lex(broken, isJsx ? "jsx" : "plain");
			let end = 0;
			for (const token of tokens) {
				assert.ok(token.kind === "value" || token.start >= end, "tokens follow each other");
				assert.ok(token.end > token.start && token.end <= broken.length);
				end = token.end;
			}
			for (const { text: query, places } of findQueries(broken, isJsx).queries)
				assert.is(places.length, query.length + 1);
		}
	}
});

test("what looks like nested tags over and over is not read over and over", () => {
	const text = `x = ${"<a>{".repeat(5000)}`;
	const { tokens } = lex(text, "jsx");
	assert.ok(tokens.length > 15_000);
	lex(`x = ${"<a b=".repeat(5000)}`, "jsx");
	lex("`${".repeat(20_000), "plain");
	lex(`${"/[".repeat(20_000)}`, "plain");
});

test.run();
