// The prefix tree folded for people: a chain of pages is one branch.

export interface Node {
  page: number;
  parent: number | null;
  tenant: number;
  tokens: number[] | null;
  text: string | null;
  ref_count: number;
}

/** A run of pages without a fork. */
export interface Branch {
  key: number;
  tenant: number;
  text: string;
  tokens: number;
  pages: number[];
  /** Requests that hold its first page now. */
  held: number;
  depth: number;
  /** Pages of it and of all below. */
  weight: number;
}

/** Branches in the order in which they are shown: heaviest first, children below their parents. */
export function branches(tree: Node[], most: number): Branch[] {
  const children = new Map<number | null, Node[]>();
  const known = new Set(tree.map((node) => node.page));
  for (const node of tree) {
    const parent = node.parent !== null && known.has(node.parent) ? node.parent : null;
    const list = children.get(parent);
    if (list) list.push(node);
    else children.set(parent, [node]);
  }
  const weights = new Map<number, number>();
  for (const node of [...tree].reverse()) {
    const below = (children.get(node.page) ?? []).reduce((sum, child) => sum + (weights.get(child.page) ?? 0), 0);
    weights.set(node.page, below + 1);
  }
  const heaviest = (list: Node[]): Node[] => [...list].sort((a, b) => (weights.get(b.page) ?? 0) - (weights.get(a.page) ?? 0) || a.page - b.page);
  const found: Branch[] = [];
  const open = heaviest(children.get(null) ?? []).map((node) => ({ node, depth: 0 })).reverse();
  for (let next = open.pop(); next && found.length < most; next = open.pop()) {
    const { node, depth } = next;
    const run = [node];
    for (let below = children.get(node.page) ?? []; below.length === 1; below = children.get(run.at(-1)!.page) ?? []) run.push(below[0]!);
    found.push({
      key: node.page, tenant: node.tenant, depth, held: node.ref_count, weight: weights.get(node.page) ?? 1,
      text: run.map((one) => one.text ?? "").join(""),
      tokens: run.reduce((sum, one) => sum + (one.tokens?.length ?? 0), 0),
      pages: run.map((one) => one.page),
    });
    for (const child of heaviest(children.get(run.at(-1)!.page) ?? []).reverse()) open.push({ node: child, depth: depth + 1 });
  }
  return found;
}
