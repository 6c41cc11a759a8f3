/** a·b + c in every lane: one rounding where the build may, two where it may not. */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}


/** c = a·b: queries times packed keys, or features times the state. Rows of a lie QUERY_ROW bytes apart. A panel of `rows` rows. */
@inline
export function scoresTile(rows: i32, a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  if (rows > 4) scoresTile6(a, b, bStep, c, cStep, inner);
  else scoresTile4(a, b, bStep, c, cStep, inner);
}

function scoresTile6(a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s13 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s22 = f32x4.splat(0);
  let s23 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  let s32 = f32x4.splat(0);
  let s33 = f32x4.splat(0);
  let s40 = f32x4.splat(0);
  let s41 = f32x4.splat(0);
  let s42 = f32x4.splat(0);
  let s43 = f32x4.splat(0);
  let s50 = f32x4.splat(0);
  let s51 = f32x4.splat(0);
  let s52 = f32x4.splat(0);
  let s53 = f32x4.splat(0);
  for (let i = 0; i < inner; i++) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    s00 = multiplyAdd(x, b0, s00);
    s01 = multiplyAdd(x, b1, s01);
    s02 = multiplyAdd(x, b2, s02);
    s03 = multiplyAdd(x, b3, s03);
    x = v128.load32_splat(a, 1088);
    s10 = multiplyAdd(x, b0, s10);
    s11 = multiplyAdd(x, b1, s11);
    s12 = multiplyAdd(x, b2, s12);
    s13 = multiplyAdd(x, b3, s13);
    x = v128.load32_splat(a, 2176);
    s20 = multiplyAdd(x, b0, s20);
    s21 = multiplyAdd(x, b1, s21);
    s22 = multiplyAdd(x, b2, s22);
    s23 = multiplyAdd(x, b3, s23);
    x = v128.load32_splat(a, 3264);
    s30 = multiplyAdd(x, b0, s30);
    s31 = multiplyAdd(x, b1, s31);
    s32 = multiplyAdd(x, b2, s32);
    s33 = multiplyAdd(x, b3, s33);
    x = v128.load32_splat(a, 4352);
    s40 = multiplyAdd(x, b0, s40);
    s41 = multiplyAdd(x, b1, s41);
    s42 = multiplyAdd(x, b2, s42);
    s43 = multiplyAdd(x, b3, s43);
    x = v128.load32_splat(a, 5440);
    s50 = multiplyAdd(x, b0, s50);
    s51 = multiplyAdd(x, b1, s51);
    s52 = multiplyAdd(x, b2, s52);
    s53 = multiplyAdd(x, b3, s53);
    a += 4;
    b += bStep;
  }
  const c1: usize = c + 1 * cStep;
  const c2: usize = c + 2 * cStep;
  const c3: usize = c + 3 * cStep;
  const c4: usize = c + 4 * cStep;
  const c5: usize = c + 5 * cStep;
  v128.store(c, s00, 0);
  v128.store(c, s01, 16);
  v128.store(c, s02, 32);
  v128.store(c, s03, 48);
  v128.store(c1, s10, 0);
  v128.store(c1, s11, 16);
  v128.store(c1, s12, 32);
  v128.store(c1, s13, 48);
  v128.store(c2, s20, 0);
  v128.store(c2, s21, 16);
  v128.store(c2, s22, 32);
  v128.store(c2, s23, 48);
  v128.store(c3, s30, 0);
  v128.store(c3, s31, 16);
  v128.store(c3, s32, 32);
  v128.store(c3, s33, 48);
  v128.store(c4, s40, 0);
  v128.store(c4, s41, 16);
  v128.store(c4, s42, 32);
  v128.store(c4, s43, 48);
  v128.store(c5, s50, 0);
  v128.store(c5, s51, 16);
  v128.store(c5, s52, 32);
  v128.store(c5, s53, 48);
}

function scoresTile4(a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s13 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s22 = f32x4.splat(0);
  let s23 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  let s32 = f32x4.splat(0);
  let s33 = f32x4.splat(0);
  for (let i = 0; i < inner; i++) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    s00 = multiplyAdd(x, b0, s00);
    s01 = multiplyAdd(x, b1, s01);
    s02 = multiplyAdd(x, b2, s02);
    s03 = multiplyAdd(x, b3, s03);
    x = v128.load32_splat(a, 1088);
    s10 = multiplyAdd(x, b0, s10);
    s11 = multiplyAdd(x, b1, s11);
    s12 = multiplyAdd(x, b2, s12);
    s13 = multiplyAdd(x, b3, s13);
    x = v128.load32_splat(a, 2176);
    s20 = multiplyAdd(x, b0, s20);
    s21 = multiplyAdd(x, b1, s21);
    s22 = multiplyAdd(x, b2, s22);
    s23 = multiplyAdd(x, b3, s23);
    x = v128.load32_splat(a, 3264);
    s30 = multiplyAdd(x, b0, s30);
    s31 = multiplyAdd(x, b1, s31);
    s32 = multiplyAdd(x, b2, s32);
    s33 = multiplyAdd(x, b3, s33);
    a += 4;
    b += bStep;
  }
  const c1: usize = c + 1 * cStep;
  const c2: usize = c + 2 * cStep;
  const c3: usize = c + 3 * cStep;
  v128.store(c, s00, 0);
  v128.store(c, s01, 16);
  v128.store(c, s02, 32);
  v128.store(c, s03, 48);
  v128.store(c1, s10, 0);
  v128.store(c1, s11, 16);
  v128.store(c1, s12, 32);
  v128.store(c1, s13, 48);
  v128.store(c2, s20, 0);
  v128.store(c2, s21, 16);
  v128.store(c2, s22, 32);
  v128.store(c2, s23, 48);
  v128.store(c3, s30, 0);
  v128.store(c3, s31, 16);
  v128.store(c3, s32, 32);
  v128.store(c3, s33, 48);
}


/** c += a·b: weights times values. Rows of a lie SCORE_ROW bytes apart. A panel of `rows` rows. */
@inline
export function valuesTile(rows: i32, a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  if (rows > 4) valuesTile6(a, b, bStep, c, cStep, inner);
  else valuesTile4(a, b, bStep, c, cStep, inner);
}

function valuesTile6(a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  const c1: usize = c + 1 * cStep;
  const c2: usize = c + 2 * cStep;
  const c3: usize = c + 3 * cStep;
  const c4: usize = c + 4 * cStep;
  const c5: usize = c + 5 * cStep;
  let s00 = v128.load(c, 0);
  let s01 = v128.load(c, 16);
  let s02 = v128.load(c, 32);
  let s03 = v128.load(c, 48);
  let s10 = v128.load(c1, 0);
  let s11 = v128.load(c1, 16);
  let s12 = v128.load(c1, 32);
  let s13 = v128.load(c1, 48);
  let s20 = v128.load(c2, 0);
  let s21 = v128.load(c2, 16);
  let s22 = v128.load(c2, 32);
  let s23 = v128.load(c2, 48);
  let s30 = v128.load(c3, 0);
  let s31 = v128.load(c3, 16);
  let s32 = v128.load(c3, 32);
  let s33 = v128.load(c3, 48);
  let s40 = v128.load(c4, 0);
  let s41 = v128.load(c4, 16);
  let s42 = v128.load(c4, 32);
  let s43 = v128.load(c4, 48);
  let s50 = v128.load(c5, 0);
  let s51 = v128.load(c5, 16);
  let s52 = v128.load(c5, 32);
  let s53 = v128.load(c5, 48);
  for (let i = 0; i < inner; i++) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    s00 = multiplyAdd(x, b0, s00);
    s01 = multiplyAdd(x, b1, s01);
    s02 = multiplyAdd(x, b2, s02);
    s03 = multiplyAdd(x, b3, s03);
    x = v128.load32_splat(a, 512);
    s10 = multiplyAdd(x, b0, s10);
    s11 = multiplyAdd(x, b1, s11);
    s12 = multiplyAdd(x, b2, s12);
    s13 = multiplyAdd(x, b3, s13);
    x = v128.load32_splat(a, 1024);
    s20 = multiplyAdd(x, b0, s20);
    s21 = multiplyAdd(x, b1, s21);
    s22 = multiplyAdd(x, b2, s22);
    s23 = multiplyAdd(x, b3, s23);
    x = v128.load32_splat(a, 1536);
    s30 = multiplyAdd(x, b0, s30);
    s31 = multiplyAdd(x, b1, s31);
    s32 = multiplyAdd(x, b2, s32);
    s33 = multiplyAdd(x, b3, s33);
    x = v128.load32_splat(a, 2048);
    s40 = multiplyAdd(x, b0, s40);
    s41 = multiplyAdd(x, b1, s41);
    s42 = multiplyAdd(x, b2, s42);
    s43 = multiplyAdd(x, b3, s43);
    x = v128.load32_splat(a, 2560);
    s50 = multiplyAdd(x, b0, s50);
    s51 = multiplyAdd(x, b1, s51);
    s52 = multiplyAdd(x, b2, s52);
    s53 = multiplyAdd(x, b3, s53);
    a += 4;
    b += bStep;
  }
  v128.store(c, s00, 0);
  v128.store(c, s01, 16);
  v128.store(c, s02, 32);
  v128.store(c, s03, 48);
  v128.store(c1, s10, 0);
  v128.store(c1, s11, 16);
  v128.store(c1, s12, 32);
  v128.store(c1, s13, 48);
  v128.store(c2, s20, 0);
  v128.store(c2, s21, 16);
  v128.store(c2, s22, 32);
  v128.store(c2, s23, 48);
  v128.store(c3, s30, 0);
  v128.store(c3, s31, 16);
  v128.store(c3, s32, 32);
  v128.store(c3, s33, 48);
  v128.store(c4, s40, 0);
  v128.store(c4, s41, 16);
  v128.store(c4, s42, 32);
  v128.store(c4, s43, 48);
  v128.store(c5, s50, 0);
  v128.store(c5, s51, 16);
  v128.store(c5, s52, 32);
  v128.store(c5, s53, 48);
}

function valuesTile4(a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  const c1: usize = c + 1 * cStep;
  const c2: usize = c + 2 * cStep;
  const c3: usize = c + 3 * cStep;
  let s00 = v128.load(c, 0);
  let s01 = v128.load(c, 16);
  let s02 = v128.load(c, 32);
  let s03 = v128.load(c, 48);
  let s10 = v128.load(c1, 0);
  let s11 = v128.load(c1, 16);
  let s12 = v128.load(c1, 32);
  let s13 = v128.load(c1, 48);
  let s20 = v128.load(c2, 0);
  let s21 = v128.load(c2, 16);
  let s22 = v128.load(c2, 32);
  let s23 = v128.load(c2, 48);
  let s30 = v128.load(c3, 0);
  let s31 = v128.load(c3, 16);
  let s32 = v128.load(c3, 32);
  let s33 = v128.load(c3, 48);
  for (let i = 0; i < inner; i++) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    s00 = multiplyAdd(x, b0, s00);
    s01 = multiplyAdd(x, b1, s01);
    s02 = multiplyAdd(x, b2, s02);
    s03 = multiplyAdd(x, b3, s03);
    x = v128.load32_splat(a, 512);
    s10 = multiplyAdd(x, b0, s10);
    s11 = multiplyAdd(x, b1, s11);
    s12 = multiplyAdd(x, b2, s12);
    s13 = multiplyAdd(x, b3, s13);
    x = v128.load32_splat(a, 1024);
    s20 = multiplyAdd(x, b0, s20);
    s21 = multiplyAdd(x, b1, s21);
    s22 = multiplyAdd(x, b2, s22);
    s23 = multiplyAdd(x, b3, s23);
    x = v128.load32_splat(a, 1536);
    s30 = multiplyAdd(x, b0, s30);
    s31 = multiplyAdd(x, b1, s31);
    s32 = multiplyAdd(x, b2, s32);
    s33 = multiplyAdd(x, b3, s33);
    a += 4;
    b += bStep;
  }
  v128.store(c, s00, 0);
  v128.store(c, s01, 16);
  v128.store(c, s02, 32);
  v128.store(c, s03, 48);
  v128.store(c1, s10, 0);
  v128.store(c1, s11, 16);
  v128.store(c1, s12, 32);
  v128.store(c1, s13, 48);
  v128.store(c2, s20, 0);
  v128.store(c2, s21, 16);
  v128.store(c2, s22, 32);
  v128.store(c2, s23, 48);
  v128.store(c3, s30, 0);
  v128.store(c3, s31, 16);
  v128.store(c3, s32, 32);
  v128.store(c3, s33, 48);
}


/** c = a·b: weights times values, of rows that have no output yet. A panel of `rows` rows. */
@inline
export function firstValuesTile(rows: i32, a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  if (rows > 4) firstValuesTile6(a, b, bStep, c, cStep, inner);
  else firstValuesTile4(a, b, bStep, c, cStep, inner);
}

function firstValuesTile6(a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s13 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s22 = f32x4.splat(0);
  let s23 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  let s32 = f32x4.splat(0);
  let s33 = f32x4.splat(0);
  let s40 = f32x4.splat(0);
  let s41 = f32x4.splat(0);
  let s42 = f32x4.splat(0);
  let s43 = f32x4.splat(0);
  let s50 = f32x4.splat(0);
  let s51 = f32x4.splat(0);
  let s52 = f32x4.splat(0);
  let s53 = f32x4.splat(0);
  for (let i = 0; i < inner; i++) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    s00 = multiplyAdd(x, b0, s00);
    s01 = multiplyAdd(x, b1, s01);
    s02 = multiplyAdd(x, b2, s02);
    s03 = multiplyAdd(x, b3, s03);
    x = v128.load32_splat(a, 512);
    s10 = multiplyAdd(x, b0, s10);
    s11 = multiplyAdd(x, b1, s11);
    s12 = multiplyAdd(x, b2, s12);
    s13 = multiplyAdd(x, b3, s13);
    x = v128.load32_splat(a, 1024);
    s20 = multiplyAdd(x, b0, s20);
    s21 = multiplyAdd(x, b1, s21);
    s22 = multiplyAdd(x, b2, s22);
    s23 = multiplyAdd(x, b3, s23);
    x = v128.load32_splat(a, 1536);
    s30 = multiplyAdd(x, b0, s30);
    s31 = multiplyAdd(x, b1, s31);
    s32 = multiplyAdd(x, b2, s32);
    s33 = multiplyAdd(x, b3, s33);
    x = v128.load32_splat(a, 2048);
    s40 = multiplyAdd(x, b0, s40);
    s41 = multiplyAdd(x, b1, s41);
    s42 = multiplyAdd(x, b2, s42);
    s43 = multiplyAdd(x, b3, s43);
    x = v128.load32_splat(a, 2560);
    s50 = multiplyAdd(x, b0, s50);
    s51 = multiplyAdd(x, b1, s51);
    s52 = multiplyAdd(x, b2, s52);
    s53 = multiplyAdd(x, b3, s53);
    a += 4;
    b += bStep;
  }
  const c1: usize = c + 1 * cStep;
  const c2: usize = c + 2 * cStep;
  const c3: usize = c + 3 * cStep;
  const c4: usize = c + 4 * cStep;
  const c5: usize = c + 5 * cStep;
  v128.store(c, s00, 0);
  v128.store(c, s01, 16);
  v128.store(c, s02, 32);
  v128.store(c, s03, 48);
  v128.store(c1, s10, 0);
  v128.store(c1, s11, 16);
  v128.store(c1, s12, 32);
  v128.store(c1, s13, 48);
  v128.store(c2, s20, 0);
  v128.store(c2, s21, 16);
  v128.store(c2, s22, 32);
  v128.store(c2, s23, 48);
  v128.store(c3, s30, 0);
  v128.store(c3, s31, 16);
  v128.store(c3, s32, 32);
  v128.store(c3, s33, 48);
  v128.store(c4, s40, 0);
  v128.store(c4, s41, 16);
  v128.store(c4, s42, 32);
  v128.store(c4, s43, 48);
  v128.store(c5, s50, 0);
  v128.store(c5, s51, 16);
  v128.store(c5, s52, 32);
  v128.store(c5, s53, 48);
}

function firstValuesTile4(a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s13 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s22 = f32x4.splat(0);
  let s23 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  let s32 = f32x4.splat(0);
  let s33 = f32x4.splat(0);
  for (let i = 0; i < inner; i++) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    s00 = multiplyAdd(x, b0, s00);
    s01 = multiplyAdd(x, b1, s01);
    s02 = multiplyAdd(x, b2, s02);
    s03 = multiplyAdd(x, b3, s03);
    x = v128.load32_splat(a, 512);
    s10 = multiplyAdd(x, b0, s10);
    s11 = multiplyAdd(x, b1, s11);
    s12 = multiplyAdd(x, b2, s12);
    s13 = multiplyAdd(x, b3, s13);
    x = v128.load32_splat(a, 1024);
    s20 = multiplyAdd(x, b0, s20);
    s21 = multiplyAdd(x, b1, s21);
    s22 = multiplyAdd(x, b2, s22);
    s23 = multiplyAdd(x, b3, s23);
    x = v128.load32_splat(a, 1536);
    s30 = multiplyAdd(x, b0, s30);
    s31 = multiplyAdd(x, b1, s31);
    s32 = multiplyAdd(x, b2, s32);
    s33 = multiplyAdd(x, b3, s33);
    a += 4;
    b += bStep;
  }
  const c1: usize = c + 1 * cStep;
  const c2: usize = c + 2 * cStep;
  const c3: usize = c + 3 * cStep;
  v128.store(c, s00, 0);
  v128.store(c, s01, 16);
  v128.store(c, s02, 32);
  v128.store(c, s03, 48);
  v128.store(c1, s10, 0);
  v128.store(c1, s11, 16);
  v128.store(c1, s12, 32);
  v128.store(c1, s13, 48);
  v128.store(c2, s20, 0);
  v128.store(c2, s21, 16);
  v128.store(c2, s22, 32);
  v128.store(c2, s23, 48);
  v128.store(c3, s30, 0);
  v128.store(c3, s31, 16);
  v128.store(c3, s32, 32);
  v128.store(c3, s33, 48);
}


/** c += aᵀ·b: features times values. Columns of a lie QUERY_ROW bytes apart. A panel of `rows` rows. */
@inline
export function stateTile(rows: i32, a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  if (rows > 4) stateTile6(a, b, bStep, c, cStep, inner);
  else stateTile4(a, b, bStep, c, cStep, inner);
}

function stateTile6(a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  const c1: usize = c + 1 * cStep;
  const c2: usize = c + 2 * cStep;
  const c3: usize = c + 3 * cStep;
  const c4: usize = c + 4 * cStep;
  const c5: usize = c + 5 * cStep;
  let s00 = v128.load(c, 0);
  let s01 = v128.load(c, 16);
  let s02 = v128.load(c, 32);
  let s03 = v128.load(c, 48);
  let s10 = v128.load(c1, 0);
  let s11 = v128.load(c1, 16);
  let s12 = v128.load(c1, 32);
  let s13 = v128.load(c1, 48);
  let s20 = v128.load(c2, 0);
  let s21 = v128.load(c2, 16);
  let s22 = v128.load(c2, 32);
  let s23 = v128.load(c2, 48);
  let s30 = v128.load(c3, 0);
  let s31 = v128.load(c3, 16);
  let s32 = v128.load(c3, 32);
  let s33 = v128.load(c3, 48);
  let s40 = v128.load(c4, 0);
  let s41 = v128.load(c4, 16);
  let s42 = v128.load(c4, 32);
  let s43 = v128.load(c4, 48);
  let s50 = v128.load(c5, 0);
  let s51 = v128.load(c5, 16);
  let s52 = v128.load(c5, 32);
  let s53 = v128.load(c5, 48);
  for (let i = 0; i < inner; i++) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    s00 = multiplyAdd(x, b0, s00);
    s01 = multiplyAdd(x, b1, s01);
    s02 = multiplyAdd(x, b2, s02);
    s03 = multiplyAdd(x, b3, s03);
    x = v128.load32_splat(a, 4);
    s10 = multiplyAdd(x, b0, s10);
    s11 = multiplyAdd(x, b1, s11);
    s12 = multiplyAdd(x, b2, s12);
    s13 = multiplyAdd(x, b3, s13);
    x = v128.load32_splat(a, 8);
    s20 = multiplyAdd(x, b0, s20);
    s21 = multiplyAdd(x, b1, s21);
    s22 = multiplyAdd(x, b2, s22);
    s23 = multiplyAdd(x, b3, s23);
    x = v128.load32_splat(a, 12);
    s30 = multiplyAdd(x, b0, s30);
    s31 = multiplyAdd(x, b1, s31);
    s32 = multiplyAdd(x, b2, s32);
    s33 = multiplyAdd(x, b3, s33);
    x = v128.load32_splat(a, 16);
    s40 = multiplyAdd(x, b0, s40);
    s41 = multiplyAdd(x, b1, s41);
    s42 = multiplyAdd(x, b2, s42);
    s43 = multiplyAdd(x, b3, s43);
    x = v128.load32_splat(a, 20);
    s50 = multiplyAdd(x, b0, s50);
    s51 = multiplyAdd(x, b1, s51);
    s52 = multiplyAdd(x, b2, s52);
    s53 = multiplyAdd(x, b3, s53);
    a += 1088;
    b += bStep;
  }
  v128.store(c, s00, 0);
  v128.store(c, s01, 16);
  v128.store(c, s02, 32);
  v128.store(c, s03, 48);
  v128.store(c1, s10, 0);
  v128.store(c1, s11, 16);
  v128.store(c1, s12, 32);
  v128.store(c1, s13, 48);
  v128.store(c2, s20, 0);
  v128.store(c2, s21, 16);
  v128.store(c2, s22, 32);
  v128.store(c2, s23, 48);
  v128.store(c3, s30, 0);
  v128.store(c3, s31, 16);
  v128.store(c3, s32, 32);
  v128.store(c3, s33, 48);
  v128.store(c4, s40, 0);
  v128.store(c4, s41, 16);
  v128.store(c4, s42, 32);
  v128.store(c4, s43, 48);
  v128.store(c5, s50, 0);
  v128.store(c5, s51, 16);
  v128.store(c5, s52, 32);
  v128.store(c5, s53, 48);
}

function stateTile4(a: usize, b: usize, bStep: usize, c: usize, cStep: usize, inner: i32): void {
  const c1: usize = c + 1 * cStep;
  const c2: usize = c + 2 * cStep;
  const c3: usize = c + 3 * cStep;
  let s00 = v128.load(c, 0);
  let s01 = v128.load(c, 16);
  let s02 = v128.load(c, 32);
  let s03 = v128.load(c, 48);
  let s10 = v128.load(c1, 0);
  let s11 = v128.load(c1, 16);
  let s12 = v128.load(c1, 32);
  let s13 = v128.load(c1, 48);
  let s20 = v128.load(c2, 0);
  let s21 = v128.load(c2, 16);
  let s22 = v128.load(c2, 32);
  let s23 = v128.load(c2, 48);
  let s30 = v128.load(c3, 0);
  let s31 = v128.load(c3, 16);
  let s32 = v128.load(c3, 32);
  let s33 = v128.load(c3, 48);
  for (let i = 0; i < inner; i++) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x: v128;
    x = v128.load32_splat(a, 0);
    s00 = multiplyAdd(x, b0, s00);
    s01 = multiplyAdd(x, b1, s01);
    s02 = multiplyAdd(x, b2, s02);
    s03 = multiplyAdd(x, b3, s03);
    x = v128.load32_splat(a, 4);
    s10 = multiplyAdd(x, b0, s10);
    s11 = multiplyAdd(x, b1, s11);
    s12 = multiplyAdd(x, b2, s12);
    s13 = multiplyAdd(x, b3, s13);
    x = v128.load32_splat(a, 8);
    s20 = multiplyAdd(x, b0, s20);
    s21 = multiplyAdd(x, b1, s21);
    s22 = multiplyAdd(x, b2, s22);
    s23 = multiplyAdd(x, b3, s23);
    x = v128.load32_splat(a, 12);
    s30 = multiplyAdd(x, b0, s30);
    s31 = multiplyAdd(x, b1, s31);
    s32 = multiplyAdd(x, b2, s32);
    s33 = multiplyAdd(x, b3, s33);
    a += 1088;
    b += bStep;
  }
  v128.store(c, s00, 0);
  v128.store(c, s01, 16);
  v128.store(c, s02, 32);
  v128.store(c, s03, 48);
  v128.store(c1, s10, 0);
  v128.store(c1, s11, 16);
  v128.store(c1, s12, 32);
  v128.store(c1, s13, 48);
  v128.store(c2, s20, 0);
  v128.store(c2, s21, 16);
  v128.store(c2, s22, 32);
  v128.store(c2, s23, 48);
  v128.store(c3, s30, 0);
  v128.store(c3, s31, 16);
  v128.store(c3, s32, 32);
  v128.store(c3, s33, 48);
}
