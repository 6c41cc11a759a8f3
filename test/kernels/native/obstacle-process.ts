/** Tells, as JSON, what becomes of the family in a process like this one. */
import { identify } from "../../../src/kernels/native/call/processor.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";

const native = createNative();
const place = identify.place();
process.stdout.write(
  JSON.stringify({
    why: native.unavailable?.() ?? null,
    unsuited: native.unsuited?.(),
    details: native.details?.(),
    route: typeof place === "string" ? place : place.route,
    limits: [native.limits?.ceilings(1).length, native.limits?.readBandwidth(4096)],
    wasm: createWasm("plain").unavailable?.() ?? null,
  }),
);
