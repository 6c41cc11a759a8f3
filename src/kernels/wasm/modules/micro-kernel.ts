import { PANEL_QUERIES, QUERY_ROW, SCORE_ROW, SHORT_PANEL } from "../layout.ts";

/**
 * The micro-kernel, C = A·B or C += A·B of 6 rows by 8 or 16 columns, as AssemblyScript source. It is
 * generated because AssemblyScript does not unroll, and all its accumulators must be variables of their own
 * to stay in registers.
 *
 * 16 columns are 24 accumulators of 128 bits, which V8's revectorisation fuses in pairs into 12 registers of
 * 256 bits; with 2 of B and 1 of A that is 15 of 16. Without the fusion 8 columns fill the registers in the
 * same way.
 */
interface MicroKernel {
  readonly name: string;
  readonly comment: string;
  /**
   * Bytes between the rows of A, and between its columns: constants, so that no register holds them, or an
   * argument by this name.
   */
  readonly rowBytes: number;
  readonly columnBytes: number | "aStep";
  /** Whether C begins at 0, is gone on with, or has a sum of its own added to it. */
  readonly adds: "nothing" | "terms" | "sums";
  /** Whether A is `taps` times as wide, each part a row further on, as windows over consecutive rows are. */
  readonly taps?: true;
}

const MICRO_KERNELS: readonly MicroKernel[] = [
  {
    name: "scoresTile",
    comment:
      "c = a·b: queries times packed keys, or features times the state. Rows of a lie QUERY_ROW bytes apart.",
    rowBytes: QUERY_ROW,
    columnBytes: 4,
    adds: "nothing",
  },
  {
    name: "addScoresTile",
    comment:
      "c += a·b: the same of further features, summed by themselves, so that errors grow with fewer terms.",
    rowBytes: QUERY_ROW,
    columnBytes: 4,
    adds: "sums",
  },
  {
    name: "valuesTile",
    comment: "c += a·b: weights times values. Rows of a lie SCORE_ROW bytes apart.",
    rowBytes: SCORE_ROW,
    columnBytes: 4,
    adds: "terms",
  },
  {
    name: "firstValuesTile",
    comment: "c = a·b: weights times values, of rows that have no output yet.",
    rowBytes: SCORE_ROW,
    columnBytes: 4,
    adds: "nothing",
  },
  {
    name: "addValuesTile",
    comment: "c += a·b: weights times values, summed by themselves, so that errors grow with fewer terms.",
    rowBytes: SCORE_ROW,
    columnBytes: 4,
    adds: "sums",
  },
  {
    name: "addKeysTile",
    comment:
      "c += aᵀ·b: what weights bring to keys, summed by itself. Columns of a lie SCORE_ROW bytes apart.",
    rowBytes: 4,
    columnBytes: SCORE_ROW,
    adds: "sums",
  },
  {
    name: "stateTile",
    comment: "c += aᵀ·b: features times values. Columns of a lie QUERY_ROW bytes apart.",
    rowBytes: 4,
    columnBytes: QUERY_ROW,
    adds: "terms",
  },
  {
    name: "outerTile",
    comment: "c += aᵀ·b: sums of outer products. Columns of a lie `aStep` bytes apart.",
    rowBytes: 4,
    columnBytes: "aStep",
    adds: "terms",
  },
  {
    name: "windowTile",
    comment: "c = Σ_t a_t·b_t: windows of packed taps. Rows of a, and taps, lie QUERY_ROW bytes apart.",
    rowBytes: QUERY_ROW,
    columnBytes: 4,
    adds: "nothing",
    taps: true,
  },
  {
    name: "moreWindowTile",
    comment: "c += Σ_t a_t·b_t: further taps.",
    rowBytes: QUERY_ROW,
    columnBytes: 4,
    adds: "terms",
    taps: true,
  },
];

/** The source of `assembly/generated/micro.ts` for panels of `panelKeys` columns. */
export function microKernelSource(panelKeys: number): string {
  const vectors = range(panelKeys / 4);
  const kernels = MICRO_KERNELS.map((kernel) => kernelSource(kernel, vectors));
  return [HEAD, ...kernels].join("\n");
}

const HEAD = `import { QUERY_ROW } from "./layout";

/** a·b + c in every lane: one rounding where the build may, two where it may not. */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}
`;

/** One kernel at both numbers of rows, and the choice between them. */
function kernelSource(kernel: MicroKernel, vectors: number[]): string {
  const { name, comment, columnBytes, taps } = kernel;
  const names = ["a", ...(columnBytes === "aStep" ? [columnBytes] : []), "b", "bStep", "c", "cStep"];
  const counts = ["inner", ...(taps ? ["taps"] : [])];
  const operands = [...names.map((one) => `${one}: usize`), ...counts.map((one) => `${one}: i32`)].join(", ");
  const given = [...names, ...counts].join(", ");
  return `
/** ${comment} A panel of \`rows\` rows. */
@inline
export function ${name}(rows: i32, ${operands}): void {
  if (rows > ${SHORT_PANEL}) ${name}${PANEL_QUERIES}(${given});
  else ${name}${SHORT_PANEL}(${given});
}
${[PANEL_QUERIES, SHORT_PANEL]
  .map((rows) => `\nfunction ${name}${rows}(${operands}): void {\n${body(kernel, range(rows), vectors)}}\n`)
  .join("")}`;
}

function body({ rowBytes, columnBytes, adds, taps }: MicroKernel, rows: number[], vectors: number[]): string {
  const c = (row: number): string => (row === 0 ? "c" : `c${row}`);
  const rowPointers = rows.slice(1).map((row) => `const ${c(row)}: usize = c + ${row} * cStep;`);
  const forEach = (line: (row: number, vector: number) => string): string[] =>
    rows.flatMap((row) => vectors.map((vector) => line(row, vector)));
  const start = (row: number, vector: number): string =>
    adds === "terms" ? `v128.load(${c(row)}, ${vector * 16})` : "f32x4.splat(0)";
  const end = (row: number, vector: number): string => {
    const sum = `s${row}${vector}`;
    return adds === "sums" ? `f32x4.add(v128.load(${c(row)}, ${vector * 16}), ${sum})` : sum;
  };
  const lines = [
    // Where C is only written its pointers come after the loop, in which they would take registers.
    ...(adds === "terms" ? rowPointers : []),
    ...forEach((row, vector) => `let s${row}${vector} = ${start(row, vector)};`),
    ...(taps ? ["for (let t = 0; t < taps; t++) {", "const next: usize = a + QUERY_ROW;"] : []),
    "for (let i = 0; i < inner; i++) {",
    ...vectors.map((vector) => `  const b${vector} = v128.load(b, ${vector * 16});`),
    "  let x: v128;",
    ...rows.flatMap((row) => [
      `  x = v128.load32_splat(a, ${row * rowBytes});`,
      ...vectors.map((vector) => `  s${row}${vector} = multiplyAdd(x, b${vector}, s${row}${vector});`),
    ]),
    `  a += ${columnBytes};`,
    "  b += bStep;",
    "}",
    ...(taps ? ["a = next;", "}"] : []),
    ...(adds === "terms" ? [] : rowPointers),
    // All sums before any is stored: V8 fuses no loads around a store.
    ...(adds === "sums" ? forEach((row, vector) => `s${row}${vector} = ${end(row, vector)};`) : []),
    ...forEach((row, vector) => `v128.store(${c(row)}, s${row}${vector}, ${vector * 16});`),
  ];
  return lines.map((line) => `  ${line}\n`).join("");
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
