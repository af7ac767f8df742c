// Arithmetic by descent: what a model writes is read, and never run.

const MAX_CHARS = 500;
const MAX_DEPTH = 50;

const CONSTANTS: Record<string, number> = { pi: Math.PI, e: Math.E };
const FUNCTIONS: Record<string, (...values: number[]) => number> = {
  sqrt: Math.sqrt, abs: Math.abs, round: Math.round, floor: Math.floor, ceil: Math.ceil, sin: Math.sin, cos: Math.cos, tan: Math.tan,
  ln: Math.log, log: Math.log10, exp: Math.exp, min: Math.min, max: Math.max,
};
const own = <T>(table: Record<string, T>, name: string): T | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);

/** The value of an expression. Errors: what it is about, for people. */
export function calculate(expression: string): number {
  if (expression.length > MAX_CHARS) throw new Error(`the expression is longer than ${MAX_CHARS} characters`);
  const reader = new Reader(expression);
  const value = reader.sum(0);
  reader.end();
  if (!Number.isFinite(value)) throw new Error("the result is no number");
  return value;
}

class Reader {
  #tokens: string[];
  #at = 0;

  constructor(text: string) {
    const written = text.toLowerCase().replaceAll("×", "*").replaceAll("÷", "/").replaceAll("−", "-").replaceAll("**", "^");
    this.#tokens = written.match(/\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|[a-z]+|\S/g) ?? [];
  }

  #take(...wanted: string[]): string | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    this.#at += 1;
    return token;
  }

  #need(wanted: string): void {
    if (!this.#take(wanted)) throw new Error(`\`${wanted}\` is missing before ${this.#here()}`);
  }

  #here(): string {
    const token = this.#tokens[this.#at];
    return token === undefined ? "the end" : `\`${token}\``;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new Error(`${this.#here()} is not understood`);
  }

  sum(depth: number): number {
    if (depth > MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} deep`);
    let value = this.#product(depth);
    for (let sign = this.#take("+", "-"); sign; sign = this.#take("+", "-")) {
      const next = this.#product(depth);
      value = sign === "+" ? value + next : value - next;
    }
    return value;
  }

  #product(depth: number): number {
    let value = this.#signed(depth);
    for (let sign = this.#take("*", "/", "%"); sign; sign = this.#take("*", "/", "%")) {
      const next = this.#signed(depth);
      if (sign !== "*" && next === 0) throw new Error("a division by zero");
      value = sign === "*" ? value * next : sign === "/" ? value / next : value % next;
    }
    return value;
  }

  /** `-2^2` is -4, and `2^3^2` is 2^9. */
  #signed(depth: number): number {
    if (depth > MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} deep`);
    if (this.#take("-")) return -this.#signed(depth + 1);
    if (this.#take("+")) return this.#signed(depth + 1);
    const base = this.#atom(depth);
    return this.#take("^") ? base ** this.#signed(depth + 1) : base;
  }

  #atom(depth: number): number {
    if (this.#take("(")) {
      const value = this.sum(depth + 1);
      this.#need(")");
      return value;
    }
    const token = this.#tokens[this.#at] ?? "";
    if (/^[\d.]/.test(token) && token !== ".") {
      this.#at += 1;
      return Number(token);
    }
    const constant = own(CONSTANTS, token);
    const call = own(FUNCTIONS, token);
    if (constant === undefined && !call) throw new Error(`${this.#here()} is not understood`);
    this.#at += 1;
    if (!call) return constant ?? NaN;
    this.#need("(");
    const values = [this.sum(depth + 1)];
    while (this.#take(",")) values.push(this.sum(depth + 1));
    this.#need(")");
    return call(...values);
  }
}
