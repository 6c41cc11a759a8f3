/**
 * What `../../text/text-width.ts` says, which measured the pictures: a chart that took their place with another measure would
 * change its size. A test holds the two together.
 * @param {string} text
 * @param {number} fontSize
 */
export function textWidth(text, fontSize) {
  let ems = 0;
  for (const character of text) ems += emsOf(character);
  return Math.ceil(ems * fontSize);
}

/** @param {string} character */
function emsOf(character) {
  if (/[ !'(),.:;[\]fijlt|·]/.test(character)) return 0.42;
  if (/[MW@%m—…\u0500-\u{10ffff}]/u.test(character)) return 1.05;
  return /[A-Z=+<>±×~^w&]/.test(character) ? 0.85 : 0.66;
}
