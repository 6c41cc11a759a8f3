import { mask, rcx, rdi, rdx, rsi, zmm } from "../assembler/index.ts";
import { callProduct } from "../products/product.ts";
import type { PRODUCTS } from "./layout.ts";
import { placed, type Site, word } from "./site.ts";

/** The rows of a chunk of a tensor, brought into the lane as they are. */
export function copyRows({ a }: Site, of: "q" | "k" | "v" | "g", to: number): void {
  const side = of === "v" ? "value" : "key";
  a.vbroadcastss(zmm(1), a.constant(1));
  a.kmovwLoad(mask(1), word(`${side}Tail`));
  a.mov(rsi, word(`${of}Now`));
  a.lea(rdi, placed(to));
  a.mov(rdx, word(`${side}Bytes`));
  a.mov(rcx, word(`${side}Whole`));
  a.call("copy_rows");
}

/** Rows of channels times the numbers at rsi. */
export function scaleRows({ a }: Site, of: number): void {
  a.lea(rdi, placed(of));
  a.mov(rcx, word("keyVectors"));
  a.call("scale_rows");
}

/** One of the products that the host has laid out. */
export function multiply({ a, places }: Site, name: (typeof PRODUCTS)[number]): void {
  a.lea(rdi, placed(places.products[name]));
  callProduct(a, rdi);
}
