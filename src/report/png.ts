import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { PictureLook } from "./looks/picture-look.ts";

/** Pixels for each of a picture's own: on a screen, and at 300 in an inch on paper. */
const SHOWN = 2;
const PRINTED = 300 / 96;

/**
 * A picture as PNG, two pixels for each of its own, or for paper 300 in an inch. Text is set in DejaVu Sans from the package that the
 * lockfile pins, so that it looks the same on every machine, including a server without fonts. The same
 * picture gives the same bytes.
 */
export async function renderPng(svg: string, look: PictureLook = "page"): Promise<Uint8Array> {
  rasteriser ??= openRasteriser();
  const { Resvg, fonts } = await rasteriser;
  const picture = new Resvg(svg, {
    font: { fontBuffers: fonts, defaultFontFamily: FONT, sansSerifFamily: FONT },
    fitTo: { mode: "zoom", value: look === "paper" ? PRINTED : SHOWN },
  });
  try {
    const image = picture.render();
    try {
      return image.asPng();
    } finally {
      image.free();
    }
  } finally {
    picture.free();
  }
}

const FONT = "DejaVu Sans";

/** Kept, because the library accepts its module only once per process. */
let rasteriser: ReturnType<typeof openRasteriser> | undefined;

/** Loaded on demand: the module is 2.5 MB. */
async function openRasteriser() {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  const [module, ...fonts] = await Promise.all(
    [
      import.meta.resolve("@resvg/resvg-wasm/index_bg.wasm"),
      import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
      import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"),
    ].map((url) => readFile(fileURLToPath(url))),
  );
  await initWasm(module);
  return { Resvg, fonts };
}
