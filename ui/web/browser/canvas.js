/** Drawing on a canvas, in CSS pixels. */

/** Give a canvas the size of its box; true where that is new, and the canvas empty. */
export function sizeCanvas(canvas, size, ratio) {
  const width = Math.max(1, Math.round(size.width * ratio));
  const height = Math.max(1, Math.round(size.height * ratio));
  if (canvas.width === width && canvas.height === height) return false;
  Object.assign(canvas, { width, height });
  return true;
}

/** What draws on a canvas of a size, emptied. */
export function penOn(canvas, size, ratio = devicePixelRatio || 1) {
  sizeCanvas(canvas, size, ratio);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, size.width, size.height);
  return pen;
}

/** A line through points [x, y], broken where one has no height. */
export function drawPath(pen, points) {
  pen.beginPath();
  let isOn = false;
  for (const [x, y] of points) {
    if (isOn) pen.lineTo(x, y);
    else pen.moveTo(x, y);
    isOn = Number.isFinite(y);
  }
  pen.stroke();
}

/** Grid lines of two axes {ticks, at, hasLines, text} around a rectangle, and the texts of their ticks. */
export function drawGrid(pen, theme, { left, top, width, height }, across, upwards) {
  Object.assign(pen, { lineWidth: 1, strokeStyle: theme.grid });
  for (const tick of across.hasLines ? across.ticks : []) {
    const x = Math.round(across.at(tick)) + 0.5;
    drawPath(pen, [[x, top], [x, top + height]]);
  }
  for (const tick of upwards.ticks) {
    const y = Math.round(upwards.at(tick)) + 0.5;
    drawPath(pen, [[left, y], [left + width, y]]);
  }
  startLabels(pen, theme, "center", "top");
  if (across.text) for (const tick of across.ticks) pen.fillText(across.text(tick), across.at(tick), top + height + 6);
  startLabels(pen, theme, "right", "middle");
  if (upwards.text) for (const tick of upwards.ticks) pen.fillText(upwards.text(tick), left - 7, upwards.at(tick));
}

/** What two axes show, beside their ends. */
export function nameAxes(pen, theme, { left, width }, size, across, upwards) {
  startLabels(pen, theme, "right", "alphabetic");
  pen.fillText(across, left + width, size.height - 2);
  pen.textAlign = "left";
  pen.fillText(upwards, left, 9);
}

/** A circle, filled or with an outline or both, in the colours and the width that are given. */
export function drawCircle(pen, x, y, radius, { fill = null, stroke = null, width = 1 }) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  if (fill) {
    pen.fillStyle = fill;
    pen.fill();
  }
  if (!stroke) return;
  pen.strokeStyle = stroke;
  pen.lineWidth = width;
  pen.stroke();
}

/** Texts of an axis: small, in the colour of labels. */
export function startLabels(pen, theme, align, baseline) {
  Object.assign(pen, { font: `11px ${theme.font}`, fillStyle: theme.label, textAlign: align, textBaseline: baseline });
}
