import { writeSync } from "node:fs";
import process from "node:process";
import { messageOf } from "../../../core/errors.ts";
import type { Assembled } from "../assembler/index.ts";
import { elfImage } from "./elf-image.ts";
import type { Ffi, NativeFunction, Signature } from "./ffi.ts";

/**
 * How generated code becomes callable. *memfd*: a file without a name, sealed once it is written, which the
 * system's loader maps as any library. *mapped*: pages that are written first, then made executable and no
 * longer writable; since `node:ffi` calls functions of libraries alone, `bsearch` of libc calls it.
 */
export const ROUTES = ["memfd", "mapped"] as const;
export type Route = (typeof ROUTES)[number];

/** Where loaded code is, for every thread of this process. */
export type Place =
  | { readonly route: "memfd"; readonly path: string }
  | { readonly route: "mapped"; readonly entries: ReadonlyMap<string, bigint> };

/** Generated code takes one address. */
export type Callable = (argument: bigint) => void;

const ONE_ADDRESS: Signature = { arguments: ["pointer"], return: "void" };

/** Loads code by the first of these routes that works, or says why none does. */
export function loadCode(ffi: Ffi, code: Assembled, routes: readonly Route[] = ROUTES): Place | string {
  const reasons: string[] = [];
  for (const route of routes) {
    try {
      return LOADERS[route](ffi, code);
    } catch (thrown) {
      reasons.push(`${route}: ${messageOf(thrown)}`);
    }
  }
  return `generated code cannot be made executable here (${reasons.join("; ")})`;
}

/** An entry of loaded code, as a function of this thread. */
export function entryOf(ffi: Ffi, place: Place, entry: string): Callable {
  if (place.route === "memfd") return new ffi.DynamicLibrary(place.path).getFunction(entry, ONE_ADDRESS);
  const address = place.entries.get(entry);
  if (address === undefined) throw new TypeError(`code must have an entry ${entry}`);
  // bsearch(key, base, 1, 1, compare) calls compare(key, base) once.
  const bsearch = libc(ffi, "bsearch", ["pointer", "pointer", "uint64", "uint64", "pointer"], "pointer");
  return (argument) => {
    bsearch(argument, argument, 1n, 1n, address);
  };
}

const LOADERS: Readonly<Record<Route, (ffi: Ffi, code: Assembled) => Place>> = {
  memfd: loadFile,
  mapped: mapPages,
};

const CLOSE_ON_EXEC = 1;
const ALLOW_SEALING = 2;
const ADD_SEALS = 1033;
/** Neither written, nor shrunk, nor grown, nor unsealed. */
const ALL_SEALS = 15n;

let files = 0;

function loadFile(ffi: Ffi, code: Assembled): Place {
  const name = `attnbench-${process.pid}-${files++}`;
  const create = libc(ffi, "memfd_create", ["string", "uint32"], "int32");
  const file = Number(create(name, CLOSE_ON_EXEC | ALLOW_SEALING));
  if (file < 0) throw new Error("memfd_create is refused");
  const image = elfImage(code, name);
  for (let written = 0; written < image.length; ) written += writeSync(file, image, written);
  const seal = libc(ffi, "fcntl", ["int32", "int32", "int64"], "int32");
  if (Number(seal(file, ADD_SEALS, ALL_SEALS)) !== 0) throw new Error("the file cannot be sealed");
  // It stays open: the loader knows libraries by their paths, and another file of this number would be taken for this one.
  const path = `/proc/self/fd/${file}`;
  new ffi.DynamicLibrary(path);
  return { route: "memfd", path };
}

const READ_WRITE = 3;
const READ_EXECUTE = 5;
const PRIVATE_ANONYMOUS = 0x22;
const PAGE = 4096;

function mapPages(ffi: Ffi, { bytes, entries }: Assembled): Place {
  const size = BigInt(Math.ceil(bytes.length / PAGE) * PAGE);
  const map = libc(ffi, "mmap", ["pointer", "uint64", "int32", "int32", "int32", "int64"], "pointer");
  const address = map(0n, size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0n) as bigint;
  if (BigInt.asIntN(64, address) === -1n) throw new Error("mmap is refused");
  ffi.toBuffer(address, Number(size), false).set(bytes);
  const protect = libc(ffi, "mprotect", ["pointer", "uint64", "int32"], "int32");
  if (Number(protect(address, size, READ_EXECUTE)) !== 0) throw new Error("mprotect is refused");
  const at = new Map([...entries].map(([entry, offset]) => [entry, address + BigInt(offset)]));
  return { route: "mapped", entries: at };
}

function libc(ffi: Ffi, name: string, takes: readonly string[], gives: string): NativeFunction {
  return new ffi.DynamicLibrary(null).getFunction(name, { arguments: takes, return: gives });
}
