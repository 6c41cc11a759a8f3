import { Call } from "../../call";
import {
  FEATURE_GRADIENT_across, FEATURE_GRADIENT_adds, FEATURE_GRADIENT_dk, FEATURE_GRADIENT_dq, FEATURE_GRADIENT_dv,
  FEATURE_GRADIENT_inverses, FEATURE_GRADIENT_learned, FEATURE_GRADIENT_learnedBytes, FEATURE_GRADIENT_learnedRow, FEATURE_GRADIENT_left,
  FEATURE_GRADIENT_leftBytes, FEATURE_GRADIENT_out, FEATURE_GRADIENT_reverse, FEATURE_GRADIENT_reverseBytes, FEATURE_GRADIENT_sums,
} from "../../generated/layout";

/**
 * The gradient of one head of linear attention: 32-bit words, written by the host. Of the call's own words `out` is where dout is.
 */
export class FeatureGradient {
  @inline static of(call: usize): usize { return Call.gradient(call); }
  /** What the forward pass left: out `[length, valueDim]`, and of each row what its sums were multiplied by. */
  @inline static out(g: usize): usize { return load<u32>(g, FEATURE_GRADIENT_out); }
  @inline static inverses(g: usize): usize { return load<u32>(g, FEATURE_GRADIENT_inverses); }
  /** The state that it left of all keys; causal, of those before a segment. */
  @inline static left(g: usize, segment: i32): usize {
    return <usize>load<u32>(g, FEATURE_GRADIENT_left) + <usize>segment * load<u32>(g, FEATURE_GRADIENT_leftBytes);
  }
  /** The same of all keys, transposed. */
  @inline static sums(g: usize): usize { return load<u32>(g, FEATURE_GRADIENT_sums); }
  /** Transposed states of queries: of a segment, and then of all in place 0; causal, of those after a segment. */
  @inline static reverse(g: usize, segment: i32): usize {
    return <usize>load<u32>(g, FEATURE_GRADIENT_reverse) + <usize>segment * FeatureGradient.reverseBytes(g);
  }
  @inline static reverseBytes(g: usize): usize { return load<u32>(g, FEATURE_GRADIENT_reverseBytes); }
  /** The state of all queries, `[features, width]`: panels begin where they do in a transposed state. */
  @inline static across(g: usize): usize { return load<u32>(g, FEATURE_GRADIENT_across); }
  /** The gradients: dq `[length, d]`, dk `[length, d]`, dv `[length, valueDim]`. */
  @inline static dq(g: usize): usize { return load<u32>(g, FEATURE_GRADIENT_dq); }
  @inline static dk(g: usize): usize { return load<u32>(g, FEATURE_GRADIENT_dk); }
  @inline static dv(g: usize): usize { return load<u32>(g, FEATURE_GRADIENT_dv); }
  /** Whether dk and dv, or the states of queries, have what other heads brought, to which that of this one is added. */
  @inline static adds(g: usize): bool { return load<i32>(g, FEATURE_GRADIENT_adds) != 0; }
  /** The sums of a segment for what the layer learned, and bytes of one of their rows; 0 if nothing of it has a gradient. */
  @inline static learned(g: usize, segment: i32): usize {
    const first: usize = load<u32>(g, FEATURE_GRADIENT_learned);
    return first == 0 ? 0 : first + <usize>segment * load<u32>(g, FEATURE_GRADIENT_learnedBytes);
  }
  @inline static learnedRow(g: usize): usize { return load<u32>(g, FEATURE_GRADIENT_learnedRow); }
}
