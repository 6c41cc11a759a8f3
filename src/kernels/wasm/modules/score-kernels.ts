import { PANEL_QUERIES, QUERY_ROW, SCORE_ROW, SHORT_PANEL } from "../layout.ts";

/**
 * Scores `Σ_c w_c act(q_c + k_c)` of 6 queries by a panel of packed keys, as AssemblyScript source: generated
 * for the same reason as the micro-kernel, whose columns and rows they have. Rows of queries lie QUERY_ROW
 * bytes apart, those of scores SCORE_ROW.
 */
interface ScoreKernel {
  readonly name: string;
  readonly comment: string;
  /** Operands besides the queries `a`, the keys `b`, the weights `w`, the scores `c` and the channels. */
  readonly operands: readonly string[];
  /** What is loaded before the loop over channels. */
  readonly constants: readonly string[];
  /** What one channel adds to the sum of a query and a vector of keys; `x` is their sum. */
  readonly added: (x: string) => string;
}

/** The constants of `assembly/tanh.ts` in the order in which `tanh` takes them: its table has one each. */
const TANH = ["p4", "p3", "p2", "p1", "q4", "q3", "q2", "q1", "one", "least", "most"] as const;

const KERNELS: readonly ScoreKernel[] = [
  {
    name: "tanhTile",
    comment: "c = Σ w tanh(a + b): `table` is that of tanh.",
    operands: ["table: usize"],
    constants: TANH.map((name, at) => `const ${name} = v128.load32_splat(table, ${4 * at});`),
    added: (x) => `tanh(${x}, ${TANH.join(", ")})`,
  },
  {
    name: "leakyTile",
    comment: "c = Σ w leaky(a + b) of a slope of at most 1.",
    operands: ["leak: f32"],
    constants: ["const slope = f32x4.splat(leak);"],
    added: (x) => `f32x4.pmax(${x}, f32x4.mul(${x}, slope))`,
  },
  {
    name: "steepTile",
    comment: "The same of a slope of more.",
    operands: ["leak: f32"],
    constants: ["const slope = f32x4.splat(leak);"],
    added: (x) => `f32x4.pmin(${x}, f32x4.mul(${x}, slope))`,
  },
];

/** The source of `assembly/generated/scores.ts` for panels of `panelKeys` columns. */
export function scoreKernelSource(panelKeys: number): string {
  const vectors = range(panelKeys / 4);
  const kernels = KERNELS.map((kernel) =>
    bothSizes(kernel.name, kernel.comment, kernel.operands, (rows) => additiveBody(kernel, rows, vectors)),
  );
  const powers = bothSizes("powersTile", POWERS, ["start: f32", "unit: usize"], (rows) =>
    powersBody(rows, vectors),
  );
  return [HEAD, ...kernels, powers].join("\n");
}

const HEAD = `import { tanh } from "../tanh";
import { PANEL_KEYS } from "./layout";
import { multiplyAdd } from "./micro";
`;

const POWERS =
  "c = start - 2 Σ w / (1 + a·b), which is Σ w tanh of the sums whose powers a and b are, if start is Σ w; 1 is read at `unit`.";

/** A kernel for a whole panel of queries and one for a short one, and the choice between them. */
function bothSizes(
  name: string,
  comment: string,
  operands: readonly string[],
  body: (rows: number[]) => string[],
): string {
  const taken = ["a: usize", "b: usize", "w: usize", "c: usize", "channels: i32", ...operands];
  const passed = taken.map((operand) => operand.split(":")[0]).join(", ");
  const sizes = [PANEL_QUERIES, SHORT_PANEL].map((rows) => {
    const lines = body(range(rows)).map((line) => `  ${line}\n`);
    return `\nfunction ${name}${rows}(${taken.join(", ")}): void {\n${lines.join("")}}\n`;
  });
  return `
/** ${comment} A panel of \`rows\` rows. */
@inline
export function ${name}(rows: i32, ${taken.join(", ")}): void {
  if (rows > ${SHORT_PANEL}) ${name}${PANEL_QUERIES}(${passed});
  else ${name}${SHORT_PANEL}(${passed});
}
${sizes.join("")}`;
}

function additiveBody({ constants, added }: ScoreKernel, rows: number[], vectors: number[]): string[] {
  return [
    ...constants,
    ...zeros(rows, vectors),
    "for (let i = 0; i < channels; i++) {",
    ...vectors.map((vector) => `  const b${vector} = v128.load(b, ${16 * vector});`),
    "  const weight = v128.load32_splat(w);",
    "  let y: v128;",
    "  let x: v128;",
    ...rows.flatMap((row) => [
      `  y = v128.load32_splat(a, ${row * QUERY_ROW});`,
      ...vectors.flatMap((vector) => [
        `  x = f32x4.add(y, b${vector});`,
        `  s${row}_${vector} = multiplyAdd(weight, ${added("x")}, s${row}_${vector});`,
      ]),
    ]),
    ...nextChannels(1),
    "}",
    ...stores(rows, vectors, (sum) => sum),
  ];
}

/**
 * Two channels share a division: `w/y + w'/y' = (w·y' + w'·y) / (y·y')`. A division takes as long as ten
 * products.
 */
function powersBody(rows: number[], vectors: number[]): string[] {
  const each = rows.flatMap((row) => vectors.map((vector) => ({ row, vector, sum: `s${row}_${vector}` })));
  return [
    // From memory: a constant in the code is made anew for every use.
    "const one = v128.load32_splat(unit);",
    ...zeros(rows, vectors),
    "let i = 0;",
    "for (; i + 2 <= channels; i += 2) {",
    ...vectors.map((vector) => `  const b${vector} = v128.load(b, ${16 * vector});`),
    ...vectors.map((vector) => `  const d${vector} = v128.load(b + (PANEL_KEYS << 2), ${16 * vector});`),
    "  const weight = v128.load32_splat(w, 0);",
    "  const other = v128.load32_splat(w, 4);",
    "  let y: v128, z: v128, t: v128, u: v128;",
    ...each.flatMap(({ row, vector, sum }) => [
      ...(vector === 0
        ? [
            `  t = v128.load32_splat(a, ${row * QUERY_ROW});`,
            `  u = v128.load32_splat(a, ${row * QUERY_ROW + 4});`,
          ]
        : []),
      `  y = multiplyAdd(t, b${vector}, one);`,
      `  z = multiplyAdd(u, d${vector}, one);`,
      `  ${sum} = f32x4.add(${sum}, f32x4.div(multiplyAdd(weight, z, f32x4.mul(other, y)), f32x4.mul(y, z)));`,
    ]),
    ...nextChannels(2),
    "}",
    "if (i < channels) {",
    "  const weight = v128.load32_splat(w);",
    ...each.map(
      ({ row, vector, sum }) =>
        `  ${sum} = f32x4.add(${sum}, f32x4.div(weight, multiplyAdd(v128.load32_splat(a, ${row * QUERY_ROW}), v128.load(b, ${16 * vector}), one)));`,
    ),
    "}",
    "const first = f32x4.splat(start);",
    "const factor = f32x4.splat(-2);",
    ...stores(rows, vectors, (sum) => `multiplyAdd(factor, ${sum}, first)`),
  ];
}

function zeros(rows: number[], vectors: number[]): string[] {
  return rows.flatMap((row) => vectors.map((vector) => `let s${row}_${vector} = f32x4.splat(0);`));
}

function nextChannels(count: number): string[] {
  return [`  a += ${4 * count};`, `  w += ${4 * count};`, `  b += ${count} * (PANEL_KEYS << 2);`];
}

function stores(rows: number[], vectors: number[], of: (sum: string) => string): string[] {
  return rows.flatMap((row) =>
    vectors.map((vector) => `v128.store(c, ${of(`s${row}_${vector}`)}, ${row * SCORE_ROW + 16 * vector});`),
  );
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
