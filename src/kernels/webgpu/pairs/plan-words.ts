/** Sections of words one behind the other, and where each begins. */
export interface JoinedWords<Name extends string> {
  readonly words: Uint32Array;
  readonly at: Readonly<Record<Name, number>>;
}

/** Puts sections one behind the other, so that they are one buffer: a shader has no more than eight. */
export function joinedWords<Name extends string>(
  sections: Readonly<Record<Name, Uint32Array>>,
): JoinedWords<Name> {
  const all = Object.entries<Uint32Array>(sections);
  const words = new Uint32Array(all.reduce((sum, [, section]) => sum + section.length, 0));
  const at: Record<string, number> = {};
  let end = 0;
  for (const [name, section] of all) {
    words.set(section, end);
    at[name] = end;
    end += section.length;
  }
  // Every section has a place.
  return { words, at: at as Readonly<Record<Name, number>> };
}
