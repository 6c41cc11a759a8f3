import type { Runnable } from "../../kernel.ts";
import type { Device } from "./device.ts";

/** A call, and the device that it was prepared on. */
export interface OnDevice {
  readonly device: Device;
  readonly call: Runnable;
}

/**
 * A call that outlives its device: where that was lost before the call begins, which another call will have been told, it is
 * prepared once more by `prepare`, on the device that is open then. One that loses the device itself fails.
 */
export async function renewedCall(prepare: () => Promise<OnDevice>): Promise<Runnable> {
  let current = await prepare();
  const { call: first } = current;
  /** Whether it was prepared once more, so that its inputs must be taken in. */
  const renewed = async (): Promise<boolean> => {
    if (!current.device.isLost) return false;
    current.call.dispose();
    current = await prepare();
    return true;
  };
  const { clock, executedFlops, bytes, workspaceBytes, whyFewer, choice } = first;
  return {
    executedFlops,
    bytes,
    workspaceBytes,
    ...(clock !== undefined && { clock }),
    ...(whyFewer !== undefined && { whyFewer }),
    async load() {
      await renewed();
      await current.call.load?.();
    },
    run: () => current.call.run(),
    async finish() {
      await current.call.finish?.();
    },
    ...(first.timed !== undefined && {
      async timed(calls: number) {
        if (await renewed()) await current.call.load?.();
        const told = await current.call.timed?.(calls);
        return told ?? { wall: Number.NaN, device: null };
      },
    }),
    async fetch() {
      await current.call.fetch?.();
    },
    output: () => current.call.output(),
    ...(choice !== undefined && { choice: () => (current.call.choice ?? choice).call(current.call) }),
    dispose: () => current.call.dispose(),
  };
}
