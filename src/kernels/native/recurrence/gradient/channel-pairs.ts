import {
  type Assembler,
  at,
  each,
  number,
  r8,
  r9,
  r10,
  rcx,
  rdi,
  type Zmm,
  zmm,
} from "../../assembler/index.ts";
import { countDown } from "../../code/frame.ts";
import { TOKENS, VECTOR } from "../layout.ts";
import { placed, subroutine, word } from "../site.ts";
import type { BackSite } from "./site.ts";

/** What is left of each earlier token, channel by channel: a register a token. */
const SHARES: readonly Zmm[] = Array.from({ length: TOKENS }, (_, token) => zmm(token));
const [alpha, query, ofQuery, prefix] = [zmm(16), zmm(17), zmm(18), zmm(19)];
const [left, spread, running, sum, gradient] = [zmm(20), zmm(21), zmm(22), zmm(23), zmm(24)];
const [through, kept] = [zmm(25), zmm(26)];

/** When queries read: before a token's decay and itself, or after both. */
const CHANNEL_READS = ["after", "before"] as const;

/**
 * Subroutines of a chunk whose channels decay by themselves: a lane is a channel, and 16 of them are gone through pair by pair. What is
 * left of each earlier token stays in a register and is multiplied by the decays of each later one in turn, so that nothing but factors up
 * to 1 is ever multiplied. With D what is left of token s when t reads it, g = dout_t·v_s:
 *
 *     dq_t += g D k_s,  dk_s += g D q_t,  and every decay in between gets g D k_s q_t
 *
 * Then what rows get of the state before the chunk and of the gradient after it, and what decays get of both.
 */
export function writeChannelPairsBack(site: BackSite): void {
  for (const reads of CHANNEL_READS) writeWalk(site, reads);
}

function writeWalk(site: BackSite, reads: (typeof CHANNEL_READS)[number]): void {
  const { a, places, back } = site;
  const { row } = places;
  const before = reads === "before";
  // Three registers reach all rows: the lane's are too far apart for short displacements, which does no harm.
  const [at0, offset] = [r8, rcx];
  const rowOf = (place: number, token: number) => at(at0, place + token * row);
  subroutine(a, `channels_back_${reads}`, () => {
    a.lea(at0, placed(0));
    a.mov(offset, word("keyVectors"));
    a.lea(rdi, placed(back.squares.weighted));
    a.lea(r9, placed(back.channels.through));
    a.lea(r10, placed(places.channels.chunk));
    countDown(a, offset, 1, () => {
      /** Logs that have a sum already. */
      const summed = new Set<number>();
      a.vbroadcastss(running, a.constant(1));
      for (let token = 0; token < TOKENS; token++) oneToken(token, summed);
      atBothEnds(summed);
      a.add(at0, number(VECTOR));
      a.add(r9, number(VECTOR));
      a.add(r10, number(VECTOR));
    });
  });

  function oneToken(token: number, summed: Set<number>): void {
    // The last decay that lies between the state and what the token reads of it.
    const last = before ? token - 1 : token;
    a.vmovups(query, rowOf(places.rows.queries, token));
    a.vmovups(alpha, rowOf(places.rows.decays, token));
    if (before) readPairs(token, last, summed);
    a.vmulps(running, running, alpha);
    for (let earlier = 0; earlier < token; earlier++) a.vmulps(SHARES[earlier], SHARES[earlier], alpha);
    a.vbroadcastss(SHARES[token], a.constant(1));
    if (!before) readPairs(token, last, summed);
    readItself(token);
    a.vmovupsStore(rowOf(back.rows.ofQueries, token), ofQuery);
  }

  /** What the token reads of the state before the chunk, and of earlier tokens. */
  function readPairs(token: number, last: number, summed: Set<number>): void {
    a.vmulps(ofQuery, running, rowOf(back.rows.ofQueries, token));
    if (last >= 0) {
      a.vmulps(left, query, ofQuery);
      a.vmovupsStore(rowOf(back.rows.ofReads, last), left);
    }
    for (let earlier = 0; earlier < token; earlier++) {
      const product = each(at(rdi, token * VECTOR + 4 * earlier));
      a.vmulps(left, SHARES[earlier], rowOf(places.rows.keys, earlier));
      a.vfmadd231ps(ofQuery, left, product);
      a.vmulps(spread, query, product);
      a.vmovups(gradient, rowOf(back.rows.ofPairs, earlier));
      a.vfmadd231ps(gradient, spread, SHARES[earlier]);
      a.vmovupsStore(rowOf(back.rows.ofPairs, earlier), gradient);
      if (earlier === 0) a.vmulps(prefix, spread, left);
      else a.vfmadd231ps(prefix, spread, left);
      if (earlier >= last) continue;
      addTo(a, prefix, earlier + 1, summed);
    }
  }

  /** Adds to what the decay of a token gets. */
  function addTo(to: Assembler, x: Zmm, token: number, summed: Set<number>): void {
    const place = rowOf(back.rows.ofLogs, token);
    if (!summed.has(token)) {
      summed.add(token);
      to.vmovupsStore(place, x);
      return;
    }
    to.vaddps(sum, x, place);
    to.vmovupsStore(place, sum);
  }

  /** A token reads itself, whatever decays. */
  function readItself(token: number): void {
    a.vbroadcastss(left, at(rdi, token * (VECTOR + 4)));
    if (before) a.vmulps(left, left, each(word("bonus")));
    a.vfmadd231ps(ofQuery, left, rowOf(places.rows.keys, token));
    a.vmulps(gradient, left, query);
    a.vmovupsStore(rowOf(back.rows.ofPairs, token), gradient);
  }

  /** What keys get of the gradient after the chunk, and decays of that, of what goes through the whole chunk, and of what is read. */
  function atBothEnds(summed: Set<number>): void {
    a.vmovups(through, at(r9));
    a.vmulps(through, through, at(r10));
    for (let token = 0; token < TOKENS; token++) {
      addTo(a, through, token, summed);
      a.vmulps(kept, SHARES[token], rowOf(back.rows.ofKeys, token));
      a.vfmadd231ps(through, kept, rowOf(places.rows.keys, token));
      a.vaddps(kept, kept, rowOf(back.rows.ofPairs, token));
      a.vmovupsStore(rowOf(back.rows.ofKeys, token), kept);
    }
    a.vpxord(prefix, prefix, prefix);
    for (let token = TOKENS - 1; token >= 0; token--) {
      // Before its own decay the last token reads, and none after it.
      if (!(before && token === TOKENS - 1)) a.vaddps(prefix, prefix, rowOf(back.rows.ofReads, token));
      a.vaddps(sum, prefix, rowOf(back.rows.ofLogs, token));
      a.vmovupsStore(rowOf(back.rows.ofLogs, token), sum);
    }
  }
}
