import { at, mask, rdi, rsi, zmm } from "../assembler/index.ts";
import { copyRows, multiply } from "./calls.ts";
import { DECAY, WRITE } from "./forms.ts";
import { ifEqual, ifSet, placed, type Site, subroutine, word } from "./site.ts";

const counted = mask(1);

/** Subroutines of the decays of a chunk, by their form: of each channel, or of each token, which channels may share. */
export function writeChunkDecays(site: Site): void {
  const { a, places } = site;
  const { rows, lanes } = places;

  subroutine(a, "chunk_decays", () => {
    ifSet(
      a,
      "decayPerChannel",
      () => a.call("channel_decays"),
      () => {
        a.call("token_logs");
        a.call("token_decays");
        ifSet(a, "byChannel", spreadDecays);
        a.call("spread_chunk");
      },
    );
  });

  subroutine(a, "channel_decays", () => {
    const done = a.fresh("decays_done");
    const form = (value: number, name: string): void =>
      ifEqual(a, "decay", value, () => {
        a.call(name);
        a.jump(done);
      });
    ifEqual(a, "decay", DECAY.given, () => {
      copyRows(site, "g", rows.decays);
      a.call("given_decays");
      a.jump(done);
    });
    ifEqual(a, "write", WRITE.givenStep, () => {
      a.kmovwLoad(counted, word("counted"));
      a.mov(rsi, word("dtNow"));
      a.vmovups(zmm(0), at(rsi), { mask: counted, zero: true });
      a.vmovupsStore(placed(lanes.steps), zmm(0));
      a.lea(rsi, placed(lanes.steps));
      a.lea(rdi, placed(rows.decays));
      a.call("spread_tokens");
      a.call("given_step_decays");
      a.jump(done);
    });
    multiply(site, "decays");
    ifSet(a, "keepsLogits", () => {
      a.lea(rsi, placed(rows.decays));
      a.lea(rdi, placed(rows.decayLogits));
      a.call("copy_channels");
    });
    form(DECAY.logistic, "logistic_decays");
    form(DECAY.exponential, "exponential_decays");
    form(DECAY.rwkv7, "rwkv7_decays");
    a.call("step_decays");
    a.label(done);
  });

  /** α of a token in all of its channels, 1 less what it lacks. */
  function spreadDecays(): void {
    a.vmovups(zmm(0), placed(lanes.keep));
    a.vaddps(zmm(0), zmm(0), placed(lanes.rest));
    a.vmovupsStore(placed(lanes.keep), zmm(0));
    a.lea(rsi, placed(lanes.keep));
    a.lea(rdi, placed(rows.decays));
    a.call("spread_tokens");
  }
}
