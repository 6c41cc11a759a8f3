/** Milliseconds between two drawings at least. */
const LEAST_MS = 1000;
/** How much longer nothing is drawn than drawing took: it is to take no more than a tenth of a core from what is measured. */
const REST = 9;

/** What the pace needs of its page. */
export interface PaceClock {
  /** Milliseconds. */
  now(): number;
  later(act: () => void, milliseconds: number): void;
  /** Whether anybody can see what is drawn. */
  seen(): boolean;
}

/** Draws what changes now and then, and once more when it no longer changes. */
export interface Pace {
  changed(): void;
}

/** A pace for `draw`, which is never called again before it has ended. */
export function drawingPace(draw: () => Promise<void>, { now, later, seen }: PaceClock): Pace {
  let isWaiting = false;
  let rest = 0;
  const act = async () => {
    if (!seen()) {
      later(act, LEAST_MS);
      return;
    }
    const start = now();
    isWaiting = false;
    isDrawing = true;
    await draw();
    isDrawing = false;
    rest = Math.max(LEAST_MS, REST * (now() - start));
    if (hasChanged) wait();
  };
  let isDrawing = false;
  let hasChanged = false;
  const wait = () => {
    hasChanged = false;
    isWaiting = true;
    later(act, rest);
  };
  return {
    changed() {
      if (isDrawing) hasChanged = true;
      else if (!isWaiting) wait();
    },
  };
}
