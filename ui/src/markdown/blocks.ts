// Markdown to tokens. No token ever becomes markup by way of a string: components build elements from tokens, so that
// whatever a model writes is text.
import { Marked, type Token, type TokenizerAndRendererExtension, type Tokens } from "marked";

/** Formulas: `$$..$$`, `\[..\]`, `\(..\)`, and `$..$` where it cannot be money. */
export interface MathsToken extends Tokens.Generic {
  type: "maths";
  text: string;
  display: boolean;
}

const BLOCK = /^(?:\$\$([^$]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n+|$)/;
const INLINE = /^(?:\$\$([^$\n]+?)\$\$|\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\]|\$(?![\s\d.,]+\$)(?! )((?:\\.|[^$\\\n])+?)(?<! )\$(?![\d\p{L}]))/u;

const mathsBlock: TokenizerAndRendererExtension = {
  name: "mathsBlock",
  level: "block",
  start: (src) => src.search(/(?:^|\n)(?:\$\$|\\\[)/),
  tokenizer(src) {
    const found = BLOCK.exec(src);
    return found ? { type: "maths", raw: found[0], text: (found[1] ?? found[2] ?? "").trim(), display: true } : undefined;
  },
};
const mathsInline: TokenizerAndRendererExtension = {
  name: "mathsInline",
  level: "inline",
  start: (src) => src.search(/\$|\\\(|\\\[/),
  tokenizer(src) {
    const found = INLINE.exec(src);
    if (!found) return undefined;
    const text = found[1] ?? found[2] ?? found[3] ?? found[4] ?? "";
    return { type: "maths", raw: found[0], text: text.trim(), display: found[1] !== undefined || found[3] !== undefined };
  },
};

const markdown = new Marked({ gfm: true, extensions: [mathsBlock, mathsInline] });

export interface Parsed {
  text: string;
  tokens: Token[];
}

/** Blocks at the end that more text may still change. */
const UNSETTLED = 2;

/** Parses `text`; of what `before` had, all but its last blocks are kept as they are, so that a long answer that grows
 *  costs only its end. */
export function parse(given: string, before: Parsed | null = null): Parsed {
  const text = given.replaceAll("\r\n", "\n");
  if (!before || before.text === "" || !text.startsWith(before.text)) return { text, tokens: markdown.lexer(text) };
  if (text === before.text) return before;
  const kept = before.tokens.slice(0, -UNSETTLED);
  const offset = kept.reduce((sum, token) => sum + token.raw.length, 0);
  const last = kept.at(-1);
  if (!last || text.slice(offset - last.raw.length, offset) !== last.raw) return { text, tokens: markdown.lexer(text) };
  return { text, tokens: [...kept, ...markdown.lexer(text.slice(offset))] };
}

/** Addresses that a link may lead to. */
export function safeHref(href: string): string | null {
  try {
    const { protocol } = new URL(href);
    return ["https:", "http:", "mailto:"].includes(protocol) ? href : null;
  } catch {
    return null;
  }
}

const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'", nbsp: "\u00a0" };

/** Text with its character references resolved: marked leaves them to HTML, and there is none here. */
export function plainText(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-z]{2,6}));/g, (whole, decimal, hex, name) => {
    if (name) return NAMED[name as string] ?? whole;
    const code = decimal ? Number(decimal) : parseInt(hex as string, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
