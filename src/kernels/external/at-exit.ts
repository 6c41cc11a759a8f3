import process from "node:process";

const acts = new Set<() => void>();

function actAll(): void {
  for (const act of acts) act();
}

/** Has something done when this process ends, as far as it can say so; the function returned takes that back. */
export function atExit(act: () => void): () => void {
  if (acts.size === 0) process.once("exit", actAll);
  acts.add(act);
  return () => {
    acts.delete(act);
    if (acts.size === 0) process.off("exit", actAll);
  };
}
