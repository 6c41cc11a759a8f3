import { readCheckout } from "../identity/checkout.ts";
import { checkoutCode, codeFolder, partsOfCheckout } from "../identity/own-code.ts";
import { ownPackage } from "../identity/own-package.ts";
import { preloadedCode } from "../identity/preloads.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import { hostEnvironment } from "./host-environment.ts";

/**
 * What the numbers depend on besides the plan. `root` is the folder of the package, `kernels` those measured.
 */
export function readEnvironment(root: string, kernels: readonly Kernel[]): Environment {
  const { commit, dirty, changesSha256 } = readCheckout(root);
  const { version, lockfileSha256 } = ownPackage(root);
  const code = codeFolder(root);
  const { kernels: builds, cpu_features, ...host } = hostEnvironment(kernels);
  return {
    ...host,
    attnbench: version,
    commit,
    dirty,
    changes_sha256: changesSha256,
    ...(code !== null && { code: { ...partsOfCheckout(checkoutCode(code)), ...preloadedCode(host.flags) } }),
    lockfile_sha256: lockfileSha256,
    kernels: builds,
    cpu_features,
  };
}
