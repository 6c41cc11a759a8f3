/**
 * The levels of a Fourier transform, as AssemblyScript source: radix 2, 3, 4 and 5. They are generated since each
 * operation is written twice, on 16 bytes and on the next 16, which V8's revectorisation makes one of 32.
 */
const RADICES = [2, 3, 4, 5] as const;
type Radix = (typeof RADICES)[number];

/** The source of `assembly/generated/butterflies.ts`. */
export function butterfliesSource(): string {
  return [HEAD, ...RADICES.flatMap((radix) => [level(radix, true), level(radix, false)])].join("\n");
}

const HEAD = `import { multiplyAdd } from "./micro";

/**
 * Each level takes \`radix\` rows that lie \`parts · stride\` apart, and writes as many \`stride\` apart: Stockham's order. A row is
 * blocks of 64 bytes, 8 real parts and 8 imaginary. Twiddles are \`radix - 1\` complex numbers for each part; the last level
 * has one part and needs none.
 */
`;

/** Lines of both halves; `#` is the half, `@n@` the bytes from the first of n vectors on. */
function both(...lines: string[]): string[] {
  return lines.flatMap((line) =>
    [0, 1].map((half) =>
      line.replaceAll("#", `${half}`).replaceAll(/@(\d+)@/g, (_, bytes) => `${Number(bytes) + 16 * half}`),
    ),
  );
}

function level(radix: Radix, isTwisted: boolean): string {
  const all = Array.from({ length: radix }, (_, k) => k);
  const others = all.slice(1);
  const loads = all.flatMap((k) =>
    both(`const a${k}r# = v128.load(x${k}, @0@);`, `const a${k}i# = v128.load(x${k}, @32@);`),
  );
  const stores = all.flatMap((k) =>
    isTwisted && k > 0
      ? both(
          `v128.store(y${k}, f32x4.sub(f32x4.mul(b${k}r#, w${k}r), f32x4.mul(b${k}i#, w${k}i)), @0@);`,
          `v128.store(y${k}, multiplyAdd(b${k}r#, w${k}i, f32x4.mul(b${k}i#, w${k}r)), @32@);`,
        )
      : both(`v128.store(y${k}, b${k}r#, @0@);`, `v128.store(y${k}, b${k}i#, @32@);`),
  );
  const twiddles = others.flatMap((k) => [
    `  const w${k}r = v128.load32_splat(twiddles, ${8 * (k - 1)});`,
    `  const w${k}i = v128.load32_splat(twiddles, ${8 * (k - 1) + 4});`,
  ]);
  const lines = [
    "const apart: usize = <usize>(parts * stride) * rowBytes;",
    "const step: usize = <usize>stride * rowBytes;",
    ...constants(radix),
    "for (let p = 0; p < parts; p++) {",
    ...(isTwisted ? twiddles : []),
    "  for (let at: usize = 0; at < step; at += 64) {",
    "    const x0: usize = from + at;",
    ...others.map((k) => `    const x${k}: usize = x${k - 1} + apart;`),
    "    const y0: usize = to + at;",
    ...others.map((k) => `    const y${k}: usize = y${k - 1} + step;`),
    ...[...loads, ...butterfly(radix), ...stores].map((line) => `    ${line}`),
    "  }",
    "  from += step;",
    `  to += ${radix} * step;`,
    ...(isTwisted ? [`  twiddles += ${8 * (radix - 1)};`] : []),
    "}",
  ];
  const operands = "from: usize, to: usize, parts: i32, stride: i32, rowBytes: usize";
  const name = isTwisted ? `level${radix}` : `lastLevel${radix}`;
  const rest = isTwisted ? ", twiddles: usize" : "";
  return `export function ${name}(${operands}${rest}): void {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

/** Cosines and sines of radix 3 and 5. */
function constants(radix: Radix): string[] {
  const splat = (name: string, value: number): string => `const ${name} = f32x4.splat(${value});`;
  const turn = (2 * Math.PI) / radix;
  switch (radix) {
    case 3:
      return [splat("half", -0.5), splat("sine", Math.sin(turn))];
    case 5:
      return [
        splat("c1", Math.cos(turn)),
        splat("c2", Math.cos(2 * turn)),
        splat("s1", Math.sin(turn)),
        splat("s2", Math.sin(2 * turn)),
      ];
    default:
      return [];
  }
}

/** `b_k = Σ_m a_m e^(-2πi·m·k/radix)`. */
function butterfly(radix: Radix): string[] {
  switch (radix) {
    case 2:
      return both(
        "const b0r# = f32x4.add(a0r#, a1r#);",
        "const b0i# = f32x4.add(a0i#, a1i#);",
        "const b1r# = f32x4.sub(a0r#, a1r#);",
        "const b1i# = f32x4.sub(a0i#, a1i#);",
      );
    case 3:
      return both(
        ...sumAndDifference("t", "u", "a1", "a2"),
        "const b0r# = f32x4.add(a0r#, tr#);",
        "const b0i# = f32x4.add(a0i#, ti#);",
        "const mr# = multiplyAdd(half, tr#, a0r#);",
        "const mi# = multiplyAdd(half, ti#, a0i#);",
        ...turned("b1", "b2", "m", "sine", "u"),
      );
    case 4:
      return both(
        ...sumAndDifference("t", "u", "a0", "a2"),
        ...sumAndDifference("v", "w", "a1", "a3"),
        "const b0r# = f32x4.add(tr#, vr#);",
        "const b0i# = f32x4.add(ti#, vi#);",
        "const b2r# = f32x4.sub(tr#, vr#);",
        "const b2i# = f32x4.sub(ti#, vi#);",
        "const b1r# = f32x4.add(ur#, wi#);",
        "const b1i# = f32x4.sub(ui#, wr#);",
        "const b3r# = f32x4.sub(ur#, wi#);",
        "const b3i# = f32x4.add(ui#, wr#);",
      );
    case 5:
      return both(
        ...sumAndDifference("t", "u", "a1", "a4"),
        ...sumAndDifference("v", "w", "a2", "a3"),
        "const b0r# = f32x4.add(a0r#, f32x4.add(tr#, vr#));",
        "const b0i# = f32x4.add(a0i#, f32x4.add(ti#, vi#));",
        "const mr# = multiplyAdd(c1, tr#, multiplyAdd(c2, vr#, a0r#));",
        "const mi# = multiplyAdd(c1, ti#, multiplyAdd(c2, vi#, a0i#));",
        "const nr# = multiplyAdd(c2, tr#, multiplyAdd(c1, vr#, a0r#));",
        "const ni# = multiplyAdd(c2, ti#, multiplyAdd(c1, vi#, a0i#));",
        "const gr# = multiplyAdd(s1, ur#, f32x4.mul(s2, wr#));",
        "const gi# = multiplyAdd(s1, ui#, f32x4.mul(s2, wi#));",
        "const hr# = f32x4.sub(f32x4.mul(s2, ur#), f32x4.mul(s1, wr#));",
        "const hi# = f32x4.sub(f32x4.mul(s2, ui#), f32x4.mul(s1, wi#));",
        ...plusMinusI("b1", "b4", "m", "g"),
        ...plusMinusI("b2", "b3", "n", "h"),
      );
    default:
      return radix satisfies never;
  }
}

function sumAndDifference(sum: string, difference: string, a: string, b: string): string[] {
  return ["r", "i"].flatMap((part) => [
    `const ${sum}${part}# = f32x4.add(${a}${part}#, ${b}${part}#);`,
    `const ${difference}${part}# = f32x4.sub(${a}${part}#, ${b}${part}#);`,
  ]);
}

/** `first = m - i·g`, `second = m + i·g`. */
function plusMinusI(first: string, second: string, m: string, g: string): string[] {
  return [
    `const ${first}r# = f32x4.add(${m}r#, ${g}i#);`,
    `const ${first}i# = f32x4.sub(${m}i#, ${g}r#);`,
    `const ${second}r# = f32x4.sub(${m}r#, ${g}i#);`,
    `const ${second}i# = f32x4.add(${m}i#, ${g}r#);`,
  ];
}

/** The same with `g = sine · u`. */
function turned(first: string, second: string, m: string, sine: string, u: string): string[] {
  return [
    `const gr# = f32x4.mul(${sine}, ${u}r#);`,
    `const gi# = f32x4.mul(${sine}, ${u}i#);`,
    ...plusMinusI(first, second, m, "g"),
  ];
}
