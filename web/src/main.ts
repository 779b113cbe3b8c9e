import "./styles/tokens.css";
import "./styles/page.css";
import "./styles/pages.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { startTastes } from "./state/tastes.svelte";

startTastes();
mount(App, { target: document.getElementById("app")! });

if ("serviceWorker" in navigator && import.meta.env.PROD) {
  addEventListener("load", () => void navigator.serviceWorker.register("/sw.js"));
}
