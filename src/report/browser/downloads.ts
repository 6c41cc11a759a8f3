import type { Spec } from "vega";
import { paperSvg } from "../looks/paper-look.ts";
import { type LiveChart, viewOf } from "./live-chart.ts";
import { saveFile } from "./save-file.ts";

/** Pixels for each of a picture's own: 300 in an inch. */
const PRINTED = 300 / 96;

/** Buttons that save a chart as it is shown, in the look for papers. */
export function downloads(figure: HTMLElement, chart: Pick<LiveChart, "spec">): HTMLElement {
  const paragraph = document.createElement("p");
  paragraph.className = "downloads";
  const picture = () => paperSvg(chart.spec(), async (spec) => drawn(spec));
  paragraph.append(
    "for a paper: ",
    button("SVG", async () => save(figure, "svg", new Blob([await picture()], { type: "image/svg+xml" }))),
    " ",
    button("PNG", async () => save(figure, "png", await pixels(await picture()))),
  );
  return paragraph;
}

async function drawn(spec: object): Promise<string> {
  const view = viewOf(spec as Spec, { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

function button(format: string, act: () => Promise<void>): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = format;
  made.setAttribute("aria-label", `save this chart for a paper, as ${format}`);
  made.addEventListener("click", act);
  return made;
}

/** A picture as PNG. It is shown by an address that holds it: the page's policy allows no other. */
async function pixels(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.naturalWidth * PRINTED);
  canvas.height = Math.round(image.naturalHeight * PRINTED);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) =>
      blob === null ? reject(new Error("chart: too large for a picture")) : resolve(blob),
    );
  });
}

function save(figure: HTMLElement, ending: string, blob: Blob): void {
  saveFile(blob, `${figure.id.replace(/^file-1-/, "")}.${ending}`);
}
