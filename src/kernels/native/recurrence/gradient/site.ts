import { type Assembler, at, type Memory, rax } from "../../assembler/index.ts";
import { lane, type Site } from "../site.ts";
import type { BackPlaces, BackWordName } from "./layout.ts";

/** Where code of a backward pass is written. */
export interface BackSite extends Site {
  readonly back: BackPlaces;
}

/** A word of the lane's backward pass. */
export function backWord({ back }: BackSite, name: BackWordName): Memory {
  return at(lane, back.words[name]);
}

/** Does `body` if such a word is not 0. */
export function ifBackSet(site: BackSite, name: BackWordName, body: () => void): void {
  const { a }: { readonly a: Assembler } = site;
  const other = a.fresh("not_set");
  a.mov(rax, backWord(site, name));
  a.test(rax, rax);
  a.jumpIf("e", other);
  body();
  a.label(other);
}
