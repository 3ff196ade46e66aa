/** The map: recorded rows, the best of every lineage by its outcome, and the rows of the table. */

import { draw, dotsOf, label, says } from "./dom.js";
import { choose, haunt, isInside, light, placesOf, tip } from "./linking.js";
import { frameOf, marginFor, readPlace } from "./scales.js";
import { fillMapChoices, shadesOf } from "./ground.js";

export function showMap(view) {
  const { svg, width, height, font } = view.pictures.map;
  const byKey = (key) => view.mapAxes.find((axis) => axis.key === key);
  const [x, y] = [byKey(view.mapChoice.x), byKey(view.mapChoice.y)];
  const left = y.isBlind ? 4 : Math.min(marginFor(y.range, height, font), 70);
  const rect = { left, top: 20, width: width - left - 10, height: height - 20 - (x.isBlind ? 20 : 36) };
  const { toX, toY, parts } = frameOf(rect, x, y, font);
  const { recorded, archive, words } = view.data.map;
  const ofPoint = (cloud, i) => [toX(x.ofPoint(cloud, i)), toY(y.ofPoint(cloud, i))];
  view.spots = {
    rows: view.rows.map((row) => [toX(x.ofRow(row)), toY(y.ofRow(row))]),
    recorded: recorded.x.map((_, i) => ofPoint(recorded, i)),
    archive: archive.x.map((_, i) => ofPoint(archive, i)),
  };
  const clouds = [...dotted(view, recorded, "recorded", () => "cloud"), ...archiveParts(view, archive)];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", words);
  svg.replaceChildren(draw("g", {}, ...parts), draw("g", { class: "clouds" }, ...clouds), ...rowParts(view, rect));
}

/** Dots of a cloud, one path per look; those that the filter leaves out are faint. */
function dotted(view, cloud, name, look) {
  const groups = new Map();
  view.spots[name].forEach((spot, i) => {
    const isOut = view.brushes.size && !isInside(view, placesOf(cloud, i));
    const key = isOut ? "cloud is-out" : look(i);
    groups.set(key, [...(groups.get(key) ?? []), spot]);
  });
  return [...groups].sort().map(([key, spots]) => draw("path", { class: key, d: dotsOf(spots) }));
}

function archiveParts(view, cloud) {
  const { shades, ends } = shadesOf(view, cloud);
  const read = (place) => readPlace({ ...view.axes[0], unit: "" }, place);
  const unit = view.axes[0].unit ? ` ${view.axes[0].unit}` : "";
  const [a, b] = view.goal === "minimum" ? [ends[1], ends[0]] : ends;
  says(view.parts["legend-scale"], `best of each lineage, ${read(a)} to ${read(b)}${unit}`);
  view.parts["legend-archive"].hidden = !cloud.x.length;
  return dotted(view, cloud, "archive", (i) => `found a${shades[i]}`);
}

/** Rows of the table: a mark each, and the numbers of the results beside them, apart from each other. */
function rowParts(view, rect) {
  const taken = view.spots.rows.filter((_, i) => view.rows[i].kind === "result" || view.rows[i].kind === "reference");
  const order = view.rows.map((_, i) => i).reverse();
  return order.map((i) => {
    const { kind, number, colour } = view.rows[i];
    const [x, y] = view.spots.rows[i];
    if (!Number.isFinite(x + y)) return null;
    const isBig = kind === "result" || kind === "reference";
    const parts = [draw("circle", { class: "mark", cx: x, cy: y, r: isBig ? 5 : 3.4 })];
    if (isBig) {
      const [tx, ty] = freePlace(taken, x, y, rect);
      taken.push([tx, ty]);
      parts.push(draw("path", { class: "lead", d: `M${x} ${y}L${tx} ${ty}` }));
      parts.push(draw("circle", { class: "plate", cx: tx, cy: ty, r: 7.5 }));
      parts.push(label(number ? String(number) : "R", tx, ty + 3.8, { size: 11, anchor: "middle", kind: "text number" }));
    }
    return draw("g", { class: `row ${kind}`, "data-row": i, "--colour": colour || null }, ...parts);
  }).filter(Boolean);
}

function freePlace(taken, x, y, rect) {
  for (const distance of [16, 24, 33]) {
    for (const angle of [-0.25, -0.75, 0.25, 0.75, 0, 1, -0.5, 0.5]) {
      const [tx, ty] = [x + distance * Math.cos(angle * Math.PI), y + distance * Math.sin(angle * Math.PI)];
      const isInsideRect = tx > rect.left + 8 && tx < rect.left + rect.width - 8 && ty > rect.top + 8 && ty < rect.top + rect.height - 8;
      if (isInsideRect && taken.every(([ox, oy]) => Math.hypot(ox - tx, oy - ty) > 15)) return [tx, ty];
    }
  }
  return [x + 16, y - 16];
}

export function wireMap(view) {
  const { svg } = view.pictures.map;
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const found = nearest(view, event.clientX - box.left, event.clientY - box.top);
    svg.style.cursor = found?.kind === "rows" && view.rows[found.i].kind === "result" ? "pointer" : "";
    light(view, found?.kind === "rows" ? found.i : null);
    haunt(view, found && found.kind !== "rows" ? { cloud: view.data.map[found.kind], i: found.i } : null);
    tip(view, found && wordsOf(view, found), { x: event.clientX, y: event.clientY });
  });
  svg.addEventListener("pointerleave", () => {
    light(view, null);
    haunt(view, null);
    tip(view, null);
  });
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const found = nearest(view, event.clientX - box.left, event.clientY - box.top);
    if (found?.kind === "rows") choose(view, found.i);
  });
  for (const side of ["x", "y"]) {
    view.parts[`map-${side}`].addEventListener("change", (event) => {
      view.mapChoice[side] = event.target.value;
      fillMapChoices(view);
      showMap(view);
      view.afterTable();
    });
  }
}

/** What is under the pointer: rows of the table first, then what was found, then what was recorded. */
function nearest(view, px, py) {
  for (const [kind, reach] of [["rows", 13], ["archive", 8], ["recorded", 6]]) {
    let best = null;
    (view.spots?.[kind] ?? []).forEach(([x, y], i) => {
      const distance = Math.hypot(x - px, y - py);
      if (distance <= reach && (!best || distance < best.distance)) best = { kind, i, distance };
    });
    if (best) return best;
  }
  return null;
}

function wordsOf(view, { kind, i }) {
  const [objective] = view.axes;
  if (kind === "rows") {
    const { name, title, texts } = view.rows[i];
    const value = objective.unit ? `${texts[0]} ${objective.unit}` : texts[0];
    return [title ? `${name}: ${title}` : name, `${objective.name}: ${value}`];
  }
  const value = readPlace(objective, placesOf(view.data.map[kind], i)[0]);
  return [kind === "archive" ? "Best of a lineage" : "Recorded row", `${objective.name}: ${value}`];
}
