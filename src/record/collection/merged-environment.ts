import type { DeviceLine } from "../schema/device.ts";
import type { Environment } from "../schema/result-lines.ts";

/**
 * The environment of several runs in one place. Rates are the best that any of them reached, since noise makes a machine fall
 * short of its best; load, steal and clock step are the worst.
 */
export function mergedEnvironment(all: readonly [Environment, ...Environment[]]): Environment {
  const [first] = all;
  const most = (of: (one: Environment) => number | null | undefined) => largest(all.map(of));
  const bandwidth = most((one) => one.read_bandwidth_bytes_per_s);
  const ceilings = bestOf(
    all.flatMap((one) => one.ceilings ?? []),
    ({ build, kernel, threads }) => JSON.stringify([build, kernel, threads]),
    ({ flops_per_s }) => flops_per_s,
  );
  const rates = bestOf(
    all.flatMap((one) => one.read_rates ?? []),
    ({ level, bytes }) => JSON.stringify([level, bytes]),
    ({ bytes_per_s }) => bytes_per_s ?? 0,
  );
  const devices = [
    ...Map.groupBy(
      all.flatMap((one) => one.devices ?? []),
      ({ kernel }) => kernel,
    ).values(),
  ];
  return {
    ...first,
    load: most(({ load }) => load),
    steal: most(({ steal }) => steal),
    timer_resolution_s: most((one) => one.timer_resolution_s) ?? first.timer_resolution_s,
    ...(ceilings.length > 0 && { ceilings }),
    ...(rates.length > 0 && { read_rates: rates }),
    ...(bandwidth !== null && { read_bandwidth_bytes_per_s: bandwidth }),
    ...(devices.length > 0 && { devices: devices.map(bestDevice) }),
  };
}

function largest(values: readonly (number | null | undefined)[]): number | null {
  return values.reduce<number | null>(
    (most, value) => (value == null ? most : Math.max(most ?? value, value)),
    null,
  );
}

/** Of those alike the one with the largest value, in the order of the first of each. */
function bestOf<One>(all: readonly One[], key: (one: One) => string, value: (one: One) => number): One[] {
  return [...Map.groupBy(all, key).values()].map((alike) =>
    alike.reduce((best, one) => (value(one) > value(best) ? one : best)),
  );
}

function bestDevice(all: readonly DeviceLine[]): DeviceLine {
  const rated = all.flatMap(({ rates }) => rates ?? []);
  const [known] = rated;
  if (known === undefined) return all[0];
  return {
    ...all[0],
    rates: {
      ...known,
      register_flops_per_s: largest(rated.map((one) => one.register_flops_per_s)),
      tile_flops_per_s: largest(rated.map((one) => one.tile_flops_per_s)),
      read_bytes_per_s: largest(rated.map((one) => one.read_bytes_per_s)),
    },
  };
}
