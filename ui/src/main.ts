import "@fontsource-variable/instrument-sans/wght.css";
import "./style/base.css";
import "./style/parts.css";
import "./style/text.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { applyTheme } from "./store/settings.svelte.ts";

applyTheme();
const target = document.getElementById("app");
if (target) {
  target.replaceChildren();
  mount(App, { target });
}
