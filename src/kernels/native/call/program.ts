import { type Assembled, Assembler } from "../assembler/index.ts";
import { type Ffi, openFfi } from "./ffi.ts";
import { type Callable, entryOf, loadCode, type Place } from "./load-code.ts";
import { allowedRoutes } from "./setting.ts";

/**
 * Machine code of one kind of work: written when it is first asked for, and loaded once a process. Its entries
 * take the address of one block.
 */
export class Program {
  readonly name: string;
  readonly #write: (to: Assembler) => void;
  #assembled: Assembled | undefined;
  #place: Place | string | undefined;
  readonly #entries = new Map<string, Callable>();

  constructor(name: string, write: (to: Assembler) => void) {
    this.name = name;
    this.#write = write;
  }

  /** The code; with `listing` also as text that GNU `as` takes. */
  assemble(listing = false): Assembled {
    if (!listing && this.#assembled !== undefined) return this.#assembled;
    const assembler = new Assembler({ listing });
    this.#write(assembler);
    const assembled = assembler.finish();
    this.#assembled ??= assembled;
    return assembled;
  }

  /** Where it is loaded, or why it cannot be. */
  place(): Place | string {
    const ffi = openFfi();
    this.#place ??= typeof ffi === "string" ? ffi : loadCode(ffi, this.assemble(), allowedRoutes());
    return this.#place;
  }

  /** An entry, on this thread. Throws a TypeError if it cannot be loaded. */
  entry(name: string): Callable {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      const place = this.place();
      if (typeof place === "string") throw new TypeError(`native: ${place}`);
      entry = entryOf(ffiOrThrow(), place, name);
      this.#entries.set(name, entry);
    }
    return entry;
  }
}

/** `node:ffi`. Throws a TypeError if it cannot be used. */
export function ffiOrThrow(): Ffi {
  const ffi = openFfi();
  if (typeof ffi === "string") throw new TypeError(`native: ${ffi}`);
  return ffi;
}
