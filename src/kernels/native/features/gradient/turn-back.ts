import {
  type Assembler,
  at,
  type Gpr,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  zmm,
} from "../../assembler/index.ts";
import { transpose } from "../../code/transpose.ts";
import { FEATURE_ROW, LANES, VECTOR } from "../layout.ts";
import { repeat } from "../maps/rows.ts";
import { firstLanes } from "../masks.ts";
import { prefetchNext } from "../turn.ts";
import { call, lane, part } from "../words.ts";

const COLUMNS = mask(1);
const ADDED = mask(2);

/**
 * Turns `[channels, tokens]` at rsi to the chunk's rows of dq or dk at rdi, 16 by 16 at a time. rdx is not 0 if rows are added to
 * what is there. Nothing is written beyond a row, and what is read beyond the last channel is not written.
 */
export const turnBack = part("turn_back", (a) => {
  const [tokens, channels] = [rbx, rbp];
  const [nextTokens, nextChannels, staged, turned] = [
    "back_tokens",
    "back_channels",
    "staged",
    "turned_back",
  ].map((name) => a.fresh(name));
  a.store(lane("turnRow"), rdx);
  a.mov(tokens, lane("count"));
  a.label(nextTokens);
  a.push(rsi);
  a.push(rdi);
  a.mov(channels, call("channels"));
  a.label(nextChannels);
  a.movImmediate(rax, LANES);
  a.cmp(channels, rax);
  a.cmov("l", rax, channels);
  firstLanes(a, COLUMNS, rax);
  a.cmp(tokens, number(LANES));
  a.jumpIf("l", staged);
  a.mov(rax, lane("turnRow"));
  a.test(rax, rax);
  a.jumpIf("ne", staged);
  a.mov(r8, rdi);
  a.mov(rax, call("keyRow"));
  writeBlock(a, true);
  a.jump(turned);
  a.label(staged);
  a.mov(r8, lane("staging"));
  a.movImmediate(rax, VECTOR);
  writeBlock(a, false);
  copyRows(a, tokens);
  a.label(turned);
  a.add(rsi, number(LANES * FEATURE_ROW));
  a.add(rdi, number(VECTOR));
  a.sub(channels, number(LANES));
  a.jumpIf("g", nextChannels);
  a.pop(rdi);
  a.pop(rsi);
  a.add(rsi, number(VECTOR));
  a.mov(rax, call("keyRow"));
  a.mov(rdx, rdi);
  prefetchNext(a);
  a.mov(rdi, rcx);
  a.sub(tokens, number(LANES));
  a.jumpIf("g", nextTokens);
});

/** 16 rows of channels from rsi on, to 16 rows of tokens, rax bytes apart, from r8 on. */
function writeBlock(a: Assembler, isMasked: boolean): void {
  const starts: readonly Gpr[] = [r8, r9, r10, r11];
  a.lea(rdx, at(rax, 0, rax, 2));
  for (let four = 1; four < 4; four++) a.lea(starts[four], at(starts[four - 1], 0, rax, 4));
  transpose(
    a,
    (row, to) => a.vmovups(to, at(rsi, FEATURE_ROW * row)),
    (column, from) => {
      const start = starts[column >> 2];
      const places = [at(start), at(start, 0, rax, 1), at(start, 0, rax, 2), at(start, 0, rdx, 1)];
      a.vmovupsStore(places[column & 3], from, isMasked ? { mask: COLUMNS } : undefined);
    },
  );
}

/** Writes or adds what was staged to as many rows at rdi as there are tokens, 16 at most. */
function copyRows(a: Assembler, tokens: Gpr): void {
  const replaces = a.fresh("back_replaces");
  a.knotw(ADDED, COLUMNS);
  a.kandw(ADDED, ADDED, COLUMNS);
  a.mov(rax, lane("turnRow"));
  a.test(rax, rax);
  a.jumpIf("e", replaces);
  a.korw(ADDED, COLUMNS, COLUMNS);
  a.label(replaces);
  a.movImmediate(rcx, LANES);
  a.cmp(rcx, tokens);
  a.cmov("g", rcx, tokens);
  a.mov(r8, lane("staging"));
  a.mov(r9, rdi);
  repeat(a, rcx, () => {
    a.vmovups(zmm(0), at(r9), { mask: ADDED, zero: true });
    a.vaddps(zmm(0), zmm(0), at(r8));
    a.vmovupsStore(at(r9), zmm(0), { mask: COLUMNS });
    a.add(r8, number(VECTOR));
    a.add(r9, call("keyRow"));
  });
}
