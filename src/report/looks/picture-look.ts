/** How pictures look: as on the page, as in its dark mode, or for a paper. */
const looks = {
  paper: "as wide as a column or two, letters of eight points, no title, black on white",
  page: "as on the page",
  dark: "as on the page in dark mode",
} as const;

export type PictureLook = keyof typeof looks;

/** Every look, in the order in which they are listed. */
export const LOOKS = Object.keys(looks) as readonly PictureLook[];

export function isLook(name: string): name is PictureLook {
  return Object.hasOwn(looks, name);
}
