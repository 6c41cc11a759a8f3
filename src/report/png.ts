import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/**
 * A picture as PNG, two pixels for each of its own. Text is set in DejaVu Sans from the package that the
 * lockfile pins, so that it looks the same on every machine, including a server without fonts. The same
 * picture gives the same bytes.
 */
export async function renderPng(svg: string): Promise<Uint8Array> {
  rasteriser ??= openRasteriser();
  const { Resvg, fonts } = await rasteriser;
  const picture = new Resvg(svg, {
    font: { fontBuffers: fonts, defaultFontFamily: FONT, sansSerifFamily: FONT },
    fitTo: { mode: "zoom", value: 2 },
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
