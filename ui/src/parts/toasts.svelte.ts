// Short messages at the edge of the page, each with at most one thing to do.

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 8000;
const MOST = 4;

class Toasts {
  all = $state.raw<Toast[]>([]);
  #next = 0;

  say(text: string, action?: Toast["action"]): void {
    const toast: Toast = { id: this.#next++, text, ...(action ? { action } : {}) };
    this.all = [...this.all, toast].slice(-MOST);
    setTimeout(() => this.close(toast.id), SHOWN_MS);
  }

  close(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
