import { expect, test } from "vitest";
import {
  addressSpace,
  checksBounds,
  limitAdvice,
  refuseThreadsBeyond,
} from "../../src/kernels/address-space.ts";

/** What Linux tells of a process: the limit, and KiB that it has taken. */
function told(limit: string, ...taken: number[]) {
  return (path: string) =>
    path.endsWith("limits")
      ? `Limit                     Soft Limit           Hard Limit           Units\nMax address space         ${limit}            unlimited            bytes\n`
      : `Name:\tnode\nVmSize:\t ${taken.length > 1 ? taken.shift() : taken[0]} kB\n`;
}

test("a limit of the address space is read with what is taken; none is none, and so is a system that does not tell", () => {
  expect(addressSpace(told("8000000000", 1000))).toEqual({ limit: 8e9, taken: 1_024_000 });
  expect(addressSpace(told("unlimited", 1000))).toBe(null);
  expect(addressSpace(() => "")).toBe(null);
});

test("threads are refused where there is no room for them, before the engine ends the process", () => {
  const space = { limit: 8e9, taken: 5e9 };
  expect(() => refuseThreadsBeyond("wasm", 1, space)).not.toThrow();
  expect(() => refuseThreadsBeyond("wasm", 2, space)).toThrow(
    /^wasm: 2 more threads need 3\.73 GiB of address space, 2\.79 GiB are left: the address space is limited to 7\.45 GiB \(ulimit -v\).*or omit --threads$/,
  );
  expect(() => refuseThreadsBeyond("wasm", 200, null)).not.toThrow();
  expect(limitAdvice(null)).toBe("");
});

test("a memory that reserves less than pointers reach is one whose accesses are checked", () => {
  const reserve = () => {};
  expect(checksBounds(reserve, told("unlimited", 1000, 1000 + 2 ** 23))).toBe(false);
  expect(checksBounds(reserve, told("8000000000", 1000, 1000 + 2 ** 22))).toBe(true);
  expect(checksBounds(reserve, () => "")).toBe(false);
});
