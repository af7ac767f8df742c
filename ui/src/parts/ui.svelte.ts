// What is open on the page.
import { keepSettings, settings } from "../store/settings.svelte.ts";

const isPhone = (): boolean => matchMedia("(max-width: 52rem)").matches;

class Ui {
  sidebar = $state(settings.sidebar && !isPhone());
  controls = $state(false);
  shortcuts = $state(false);
  tools = $state(false);
  schema = $state(false);

  toggleSidebar(): void {
    this.sidebar = !this.sidebar;
    if (isPhone()) return;
    settings.sidebar = this.sidebar;
    keepSettings();
  }

  /** On a phone the list covers the conversation that was chosen from it. */
  leaveSidebar(): void {
    if (isPhone()) this.sidebar = false;
  }
}

export const ui = new Ui();
