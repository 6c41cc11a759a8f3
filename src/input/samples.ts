import { fileURLToPath } from "node:url";

const sample = (name: string) => fileURLToPath(new URL(`./samples/${name}`, import.meta.url));

/** Small inputs of each kind that come with the package; `samples/README.md` says what they are. */
export const SAMPLES = {
  text: sample("text.txt"),
  speech: sample("speech.wav"),
  image: sample("image.png"),
  graph: sample("graph.txt"),
} as const;
