import { printable, UsageError } from "../core/errors.ts";

/** What the header of a `.npy` file says. */
export interface NpyHeader {
  /** NumPy's name of the element type, such as `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/**
 * Reads the Python literal `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }`: these three keys
 * once each, in any order, and nothing else (https://numpy.org/neps/nep-0001-npy-format.html). It is matched,
 * never evaluated.
 */
export function parseNpyHeader(where: string, text: string): NpyHeader {
  const refuse = (rule: string): never => {
    throw new UsageError(`${where}: ${rule}; the file is damaged or not a .npy file`);
  };
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const found: { descr?: string; fortranOrder?: boolean; shape?: readonly number[] } = {};

  if (take(/\s*\{\s*/y) === null) refuse(`header must be a dictionary, got ${describe(text)}`);
  while (take(/\}\s*$/y) === null) {
    const key = take(/['"](\w+)['"]\s*:\s*/y)?.[1];
    if (key === "descr" && found.descr === undefined) {
      if (take(/\[/y) !== null) refuseStructured(where);
      found.descr =
        take(/'([^'\\]*)'|"([^"\\]*)"/y)
          ?.slice(1)
          .join("") ?? refuse(`descr must be a string, got ${describe(text.slice(at))}`);
    } else if (key === "fortran_order" && found.fortranOrder === undefined) {
      const value =
        take(/True|False/y) ?? refuse(`fortran_order must be True or False, got ${describe(text.slice(at))}`);
      found.fortranOrder = value[0] === "True";
    } else if (key === "shape" && found.shape === undefined) {
      const from = at;
      const tuple = take(/\(([\d\s,L]*)\)/y)?.[1];
      found.shape =
        parseCounts(tuple) ??
        refuse(`shape must be a tuple of non-negative integers, got ${describe(text.slice(from))}`);
    } else {
      refuse(`header must hold descr, fortran_order and shape once each, got ${describe(text)}`);
    }
    if (take(/\s*,\s*|\s*(?=\})/y) === null) refuse(`header must be one dictionary, got ${describe(text)}`);
  }
  const { descr, fortranOrder, shape } = found;
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    return refuse(`header must hold descr, fortran_order and shape, got ${describe(text)}`);
  }
  return { descr, fortranOrder, shape };
}

function refuseStructured(where: string): never {
  throw new UsageError(
    `${where}: elements must be plain numbers, got a structured array; save one field, such as a['field'].astype(np.float32)`,
  );
}

/** The integers of a tuple's inside, such as `1, 2,`; Python 2 wrote them as `1L`. */
function parseCounts(inside: string | undefined): number[] | undefined {
  const parts = inside?.split(",").map((part) => part.trim());
  if (parts?.at(-1) === "") parts.pop();
  const counts = parts?.map((part) => (/^\d+L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  return counts?.every((count) => Number.isSafeInteger(count)) ? counts : undefined;
}

function describe(text: string): string {
  return printable(text.trim(), 60) || "nothing";
}
