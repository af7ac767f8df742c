/** Calls `close` when something else is pressed, or Esc. */
export function dismiss(node: HTMLElement, close: () => void): { destroy: () => void } {
  const outside = (event: Event): void => {
    if (event.target instanceof Node && !node.contains(event.target)) close();
  };
  const escape = (event: KeyboardEvent): void => {
    if (event.key === "Escape") close();
  };
  document.addEventListener("pointerdown", outside, true);
  node.addEventListener("keydown", escape);
  return {
    destroy() {
      document.removeEventListener("pointerdown", outside, true);
      node.removeEventListener("keydown", escape);
    },
  };
}
