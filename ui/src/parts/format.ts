// Numbers as people read them.

export const count = (value: number): string => value.toLocaleString("en-US");

export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  let shown = value;
  while (shown >= 1000 && at < units.length - 1) {
    shown /= 1000;
    at += 1;
  }
  return `${shown >= 100 || at === 0 ? Math.round(shown) : shown.toFixed(1)} ${units[at]}`;
}

export function weights(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(value >= 1e10 ? 0 : 1)} B`;
  return `${Math.round(value / 1e6)} M`;
}

export function seconds(s: number): string {
  if (!Number.isFinite(s)) return "–";
  if (s < 0.001) return `${Math.round(s * 1e6)} µs`;
  if (s < 1) return `${(s * 1000).toFixed(s < 0.01 ? 1 : 0)} ms`;
  if (s < 60) return `${s.toFixed(s < 10 ? 2 : 1)} s`;
  return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
}

export const tokensShort = (value: number): string => (value >= 10_000 ? `${Math.round(value / 1000)}k` : count(value));
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

const DAY_MS = 86_400_000;

/** The group of a list by date that `time` belongs to. */
export function dateGroup(time: number, now: number): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (time >= midnight) return "Today";
  if (time >= midnight - DAY_MS) return "Yesterday";
  if (time >= midnight - 7 * DAY_MS) return "Last week";
  if (time >= midnight - 30 * DAY_MS) return "Last month";
  return "Older";
}
