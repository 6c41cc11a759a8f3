import { PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "../layout.ts";

/**
 * The micro-kernel, C = A·B or C += A·B of 6 rows by 8 or 16 columns, as AssemblyScript source. It is generated because
 * AssemblyScript does not unroll, and all its accumulators must be variables of their own to stay in registers.
 *
 * 16 columns are 24 accumulators of 128 bits, which V8's revectorisation fuses in pairs into 12 registers of 256 bits;
 * with 2 of B and 1 of A that is 15 of 16. Without the fusion 8 columns fill the registers in the same way.
 */
interface MicroKernel {
  readonly name: string;
  readonly comment: string;
  /** Bytes between the rows of A, and between its columns: constants, so that no register holds them. */
  readonly rowBytes: number;
  readonly columnBytes: number;
  /** Whether C is added to, or begins at 0. */
  readonly adds: boolean;
}

const MICRO_KERNELS: readonly MicroKernel[] = [
  {
    name: "scoresTile",
    comment: "c = a·b: queries times packed keys, or features times the state. Rows of a lie QUERY_ROW bytes apart.",
    rowBytes: QUERY_ROW,
    columnBytes: 4,
    adds: false,
  },
  {
    name: "valuesTile",
    comment: "c += a·b: weights times values. Rows of a lie SCORE_ROW bytes apart.",
    rowBytes: SCORE_ROW,
    columnBytes: 4,
    adds: true,
  },
  {
    name: "firstValuesTile",
    comment: "c = a·b: weights times values, of rows that have no output yet.",
    rowBytes: SCORE_ROW,
    columnBytes: 4,
    adds: false,
  },
  {
    name: "stateTile",
    comment: "c += aᵀ·b: features times values. Columns of a lie QUERY_ROW bytes apart.",
    rowBytes: 4,
    columnBytes: QUERY_ROW,
    adds: true,
  },
];

/** The source of `assembly/generated/micro.ts` for panels of `panelKeys` columns. */
export function microKernelSource(panelKeys: number): string {
  const vectors = range(panelKeys / 4);
  const kernels = MICRO_KERNELS.map((kernel) => kernelSource(kernel, vectors));
  return [HEAD, ...kernels].join("\n");
}

const HEAD = `/** a·b + c in every lane: one rounding where the build may, two where it may not. */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}
`;

function kernelSource({ name, comment, rowBytes, columnBytes, adds }: MicroKernel, vectors: number[]): string {
  const rows = range(PANEL_QUERIES);
  const places = rows.flatMap((row) => vectors.map((vector) => ({ row, vector })));
  // Where C is only written, not before the loop, in which they would take registers.
  const rowPointers = rows.slice(1).map((at) => `  const c${at}: usize = c + ${at} * cStep;\n`).join("");
  const row = (at: number): string => (at === 0 ? "c" : `c${at}`);
  return `
/** ${comment} */
export function ${name}(a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
${adds ? rowPointers : ""}${places
  .map((place) => `  let s${place.row}${place.vector} = ${adds ? `v128.load(${row(place.row)}, ${place.vector * 16})` : "f32x4.splat(0)"};`)
  .join("\n")}
  for (let i = 0; i < inner; i++) {
${vectors.map((vector) => `    const b${vector} = v128.load(b, ${vector * 16});`).join("\n")}
    let x: v128;
${rows
  .map((at) =>
    [
      `    x = v128.load32_splat(a, ${at * rowBytes});`,
      ...vectors.map((vector) => `    s${at}${vector} = multiplyAdd(x, b${vector}, s${at}${vector});`),
    ].join("\n"),
  )
  .join("\n")}
    a += ${columnBytes};
    b += bStep;
  }
${adds ? "" : rowPointers}${places.map((place) => `  v128.store(${row(place.row)}, s${place.row}${place.vector}, ${place.vector * 16});`).join("\n")}
}
`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
