// `/metrics` read in the page: the same numbers that Prometheus gets.

/** One sample: its name, labels and value. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:\\.|[^"\\])*)"/g;

export function parse(page: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of page.split("\n")) {
    if (!line.startsWith("gollum_")) continue;
    const found = LINE.exec(line);
    if (!found) continue;
    const labels: Record<string, string> = {};
    for (const [, name, value] of (found[2] ?? "").matchAll(LABEL)) labels[name!] = value!.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
    samples.push({ name: found[1]!, labels, value: found[3] === "+Inf" ? Infinity : Number(found[3]) });
  }
  return samples;
}

/** A histogram's counts by upper bound, not added up. */
export interface Histogram {
  bounds: number[];
  counts: number[];
}

export interface ModelNumbers {
  values: Map<string, number>;
  histograms: Map<string, Histogram>;
}

/** The samples of each model. */
export function byModel(samples: Sample[]): Map<string, ModelNumbers> {
  const models = new Map<string, ModelNumbers>();
  for (const { name, labels, value } of samples) {
    const model = labels.model_name;
    if (model === undefined) continue;
    let numbers = models.get(model);
    if (!numbers) models.set(model, (numbers = { values: new Map(), histograms: new Map() }));
    if (name.endsWith("_bucket") && labels.le !== undefined) {
      const base = name.slice("gollum_".length, -"_bucket".length);
      let histogram = numbers.histograms.get(base);
      if (!histogram) numbers.histograms.set(base, (histogram = { bounds: [], counts: [] }));
      histogram.bounds.push(labels.le === "+Inf" ? Infinity : Number(labels.le));
      histogram.counts.push(value);
    } else {
      const base = name.slice("gollum_".length);
      numbers.values.set(base, (numbers.values.get(base) ?? 0) + value);
    }
  }
  return models;
}

/** What was observed between two moments. Counts of `le` are sums, and stay so. */
export function between(later: Histogram | undefined, earlier: Histogram | undefined): Histogram | null {
  if (!later) return null;
  return { bounds: later.bounds, counts: later.counts.map((count, at) => count - (earlier?.counts[at] ?? 0)) };
}

/** The value below which the share `q` lies, by straight lines within buckets as Prometheus has it; NaN if there are none. */
export function quantile(histogram: Histogram | null, q: number): number {
  const all = histogram?.counts.at(-1) ?? 0;
  if (!histogram || all <= 0) return NaN;
  const wanted = q * all;
  const at = histogram.counts.findIndex((count) => count >= wanted);
  const [low, high] = [at > 0 ? histogram.bounds[at - 1]! : 0, histogram.bounds[at]!];
  if (!Number.isFinite(high)) return low;
  const below = at > 0 ? histogram.counts[at - 1]! : 0;
  const inside = histogram.counts[at]! - below;
  return inside > 0 ? low + (high - low) * ((wanted - below) / inside) : high;
}
