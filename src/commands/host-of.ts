import type { Host } from "../library/host.ts";
import { type Io, note } from "./io.ts";

/** A command's own process for the library: remarks go to standard error. */
export function hostOf(io: Io, observe: Host["observe"] = () => {}): Host {
  return {
    // Asked for when work begins: until then an interrupt ends the process at once.
    get signal() {
      return io.signal;
    },
    warn: (text) => note(io, `warning: ${text}`),
    remark: (text) => note(io, text),
    observe,
    now: io.now,
    today: io.today,
  };
}
