/**
 * Pixels that a line of text takes in a wide sans-serif font such as DejaVu Sans: others take less. Vega,
 * which has no canvas here to measure on, assumes 0.8 em per character, too much for most and too little for
 * some.
 */
export function textWidth(text: string, fontSize: number): number {
  let ems = 0;
  for (const character of text) ems += emsOf(character);
  return Math.ceil(ems * fontSize);
}

function emsOf(character: string): number {
  if (/[ !'(),.:;[\]fijlt|·]/.test(character)) return 0.42;
  if (/[MW@%m—…\u0500-\u{10ffff}]/u.test(character)) return 1.05;
  return /[A-Z=+<>±×~^w&]/.test(character) ? 0.85 : 0.66;
}
