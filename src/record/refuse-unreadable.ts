import { FailureError, printable } from "../core/errors.ts";
import type { AnyLine, LineKind } from "./line-kind.ts";

/**
 * Refuses what a reader would refuse, such as a plug-in's workspace of -1 bytes: it would make the whole file
 * unreadable.
 */
export function refuseUnreadable<Line extends AnyLine>(kind: LineKind<Line>, line: Line): void {
  const parsed = kind.schema.safeParse(line);
  if (parsed.success) return;
  const [{ path, message }] = parsed.error.issues;
  throw new FailureError(
    `${kind.name}: ${printable(kind.label(line))}: ${printable(path.join("."), 80)}: ${printable(message)}; correct the plug-in that gave it`,
  );
}
