import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { graph, image, speech } from "../../scripts/make-samples.ts";
import { readPicture } from "../../src/input/image/picture.ts";
import { SAMPLES } from "../../src/input/samples.ts";

it("are as their script makes them: npm run samples", async () => {
  expect(Buffer.compare(readFileSync(SAMPLES.speech), speech())).toBe(0);
  expect(readFileSync(SAMPLES.graph, "utf8")).toBe(graph());
  const picture = await readPicture(SAMPLES.image);
  expect(picture).toMatchObject({ width: 64, height: 64 });
  expect(picture.pixels).toBeInstanceOf(Uint8Array);
  expect(Buffer.compare(Uint8Array.from(picture.pixels), image())).toBe(0);
});

it("are small", () => {
  for (const path of Object.values(SAMPLES)) expect(readFileSync(path).length).toBeLessThan(150_000);
});
