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

/** A line through points [x, y]. */
export function drawPath(pen, points) {
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.stroke();
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
