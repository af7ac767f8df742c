// Which view is shown: the part of the address after `#`.

export type View = "chat" | "cache" | "dashboard";

class Route {
  hash = $state(location.hash);
  view = $derived<View>(this.hash.startsWith("#/cache") ? "cache" : this.hash.startsWith("#/dashboard") ? "dashboard" : "chat");
  conversation = $derived(/^#\/c\/([0-9a-f]{24})$/.exec(this.hash)?.[1] ?? null);
  /** The request that the cache view explains. */
  request = $derived(/^#\/cache\/(.{1,128})$/.exec(this.hash)?.[1] ?? null);

  constructor() {
    addEventListener("hashchange", () => { this.hash = location.hash; });
  }

  go(to: string): void {
    if (location.hash !== to) location.hash = to;
    this.hash = to;
  }
}

export const route = new Route();
