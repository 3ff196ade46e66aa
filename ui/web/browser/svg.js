/**
 * Elements of SVG. They stand apart from those of HTML as the name of their space looks like an address, and the page
 * with the animation holds none.
 */

import { fill } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

export const makeSvg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);
