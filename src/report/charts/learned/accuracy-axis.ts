import { formatPercent } from "../../../text/format.ts";
import { labelExpression } from "../ticks.ts";

/** The share of its axis that lies above all, and below none, for marks that stand there. */
interface Room {
  readonly room: number;
}

/** The axis of shares of right answers: all of it, so that no difference looks larger than it is. */
export function accuracyChannel(title: string | null, { room }: Room) {
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  return {
    field: "accuracy",
    type: "quantitative" as const,
    title,
    scale: { type: "linear" as const, nice: false, domain: [-room, 1 + room] },
    axis: { values: ticks, labelExpr: labelExpression(ticks, (tick) => formatPercent(tick)) },
  };
}

/** Pixels from the top of an axis so many pixels high. */
export function accuracyAt(accuracy: number, height: number, { room }: Room): number {
  return (height * (1 + room - accuracy)) / (1 + 2 * room);
}
