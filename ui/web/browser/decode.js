/** Arrays from the texts that `assets.py` makes. */

const NO_VALUE = 65535;

/** The numbers in a base64 text, as a typed array. */
export function decode(text, Kind = Float32Array) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return new Kind(bytes.buffer);
}

/** Rows from 16-bit levels: {n, width, values}, row by row; NaN where a value is not known. */
export function decodeLevels({ low, high, levels }) {
  const codes = decode(levels, Uint16Array);
  const width = low.length;
  const values = Float32Array.from(codes, (code, i) => {
    const column = i % width;
    return code === NO_VALUE ? NaN : low[column] + (code / (NO_VALUE - 1)) * (high[column] - low[column]);
  });
  return { n: codes.length / width, width, values };
}
