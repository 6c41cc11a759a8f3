import { weightOf } from "../aft-chunks";
import { Call } from "../call";
import { exp } from "../exp";
import { CELL_BACK_dk, CELL_BACK_dq, CELL_BACK_dv, CELL_BACK_states, CELL_minGru, ITEM_BYTES } from "../generated/layout";
import { Lane } from "../lane";
import { storeWithin } from "./aft/words";

/** As in `gated-cell.ts` of the forward pass. */
const LEAST: f32 = -100;

/**
 * The gradient of minGRU and minLSTM, `h ← keep h' + write v`: the items `from … to`, which threads share out, each some channels of the
 * sequence of one head of one batch entry, from its last token to the first. Of a token comes `g`, what its output and the next token ask of
 * its state: `keep g` goes on, `write g` to v, and `g (v - h') write keep` to the logit of write. The forward pass left its output, h.
 */
export function runCellGradientItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const first = load<i32>(item, 4);
    goBack(call, lane, load<i32>(item, 0), first, min(Call.d(call), first + Call.cellChannels(call)));
  }
}

function goBack(call: usize, lane: usize, slice: i32, first: i32, end: i32): void {
  const words = Call.gradient(call);
  const bytes: usize = <usize>Call.d(call) << 2;
  const last: usize = (<usize>slice * <usize>Call.length(call) + <usize>(Call.length(call) - 1)) * bytes;
  let q = Call.q(call) + last, k = Call.k(call) + last, v = Call.v(call) + last, dout = Call.out(call) + last;
  let state: usize = <usize>load<u32>(words, CELL_BACK_states) + last;
  let dq: usize = <usize>load<u32>(words, CELL_BACK_dq) + last, dk: usize = <usize>load<u32>(words, CELL_BACK_dk) + last;
  let dv: usize = <usize>load<u32>(words, CELL_BACK_dv) + last;
  const carried = Lane.state(lane);
  const isGru = Call.cell(call) == CELL_minGru;
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  memory.fill(carried + (<usize>first << 2), 0, <usize>(end - first + 3 & ~3) << 2);
  for (let token = Call.length(call) - 1; token >= 0; token--) {
    for (let i: usize = <usize>first << 2; i < <usize>end << 2; i += 16) {
      const key = v128.load(k + i);
      const small = weightOf(f32x4.neg(f32x4.abs(key)));
      const large = f32x4.div(one, f32x4.add(one, small)), rest = f32x4.mul(small, large);
      const isOpen = f32x4.ge(key, zero);
      // σ(-k).
      const shut = v128.bitselect(rest, large, isOpen);
      let write = v128.bitselect(large, rest, isOpen), keep = shut, shutQuery = zero;
      if (!isGru) {
        const query = v128.load(q + i);
        const smallQuery = weightOf(f32x4.neg(f32x4.abs(query)));
        const largeQuery = f32x4.div(one, f32x4.add(one, smallQuery));
        shutQuery = v128.bitselect(f32x4.mul(smallQuery, largeQuery), largeQuery, f32x4.ge(query, zero));
        // `1 + e^-q` to `1 + e^-k`, over the largest power.
        const ofQuery = f32x4.pmin(f32x4.neg(query), f32x4.splat(f32.MAX_VALUE)), ofKey = f32x4.pmin(f32x4.neg(key), f32x4.splat(f32.MAX_VALUE));
        const most = f32x4.pmax(f32x4.pmax(ofQuery, ofKey), zero);
        const unit = exp(f32x4.pmax(f32x4.neg(most), f32x4.splat(LEAST)));
        const forget = f32x4.add(unit, exp(f32x4.pmax(f32x4.sub(ofKey, most), f32x4.splat(LEAST))));
        const take = f32x4.add(unit, exp(f32x4.pmax(f32x4.sub(ofQuery, most), f32x4.splat(LEAST))));
        const part = f32x4.div(one, f32x4.add(forget, take));
        write = f32x4.mul(take, part);
        keep = f32x4.mul(forget, part);
      }
      const g = f32x4.add(v128.load(carried + i), v128.load(dout + i));
      const before = token == 0 ? zero : v128.load(state - bytes + i);
      // Where nothing comes nothing goes on, whatever it would be multiplied by.
      const comes = f32x4.ne(g, zero);
      const share = v128.and(comes, f32x4.mul(f32x4.mul(g, f32x4.sub(v128.load(v + i), before)), f32x4.mul(write, keep)));
      v128.store(carried + i, v128.and(comes, f32x4.mul(g, keep)));
      storeWithin(dv, i, end, v128.and(comes, f32x4.mul(g, write)));
      if (isGru) storeWithin(dk, i, end, share);
      else {
        storeWithin(dk, i, end, f32x4.mul(share, shut));
        storeWithin(dq, i, end, f32x4.neg(f32x4.mul(share, shutQuery)));
      }
    }
    q -= bytes;
    k -= bytes;
    v -= bytes;
    dout -= bytes;
    state -= bytes;
    dq -= bytes;
    dk -= bytes;
    dv -= bytes;
  }
}
