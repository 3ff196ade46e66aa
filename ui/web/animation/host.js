/** Plays the part of the page around the live view: one place, one message, and the theme of the browser. */

{
  const root = document.getElementById("view").attachShadow({ mode: "open" });
  root.append(document.getElementById("view-parts").content.cloneNode(true));
  const message = JSON.parse(document.getElementById("run").textContent);
  const draw = (data) => liveView({ data, parentElement: root, setTriggerValue() {}, setStateValue() {} });
  draw(message);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(null));
}
