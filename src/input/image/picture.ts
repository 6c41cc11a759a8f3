import { FailureError, messageOf, printable, UsageError } from "../../core/errors.ts";
import { type ReadableFile, withFile } from "../../files/readable-file.ts";
import { readWhole } from "../bounded-file.ts";
import { wrongKind } from "../file-kind.ts";

/** A picture in red, green and blue. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]`, in raster order. */
  readonly pixels: Uint8Array | Uint16Array;
}

/** The most pixels: of a picture that a few kilobytes can claim to be, all would have to be kept. */
const MOST_PIXELS = 2 ** 26;
const MOST_BYTES = 2 ** 28;

const SIGNATURES = { PNG: "\x89PNG\r\n\x1a\n", JPEG: "\xff\xd8\xff" } as const;

const MUST = "a PNG or JPEG picture";
const CONVERT = "convert it to PNG";

/**
 * Decodes a PNG or a JPEG, known by its first bytes: upright, as its orientation says, over white where it is
 * transparent, in sRGB, with 16 bits a channel if it has them. Its size is known from its header before anything is
 * decoded. Refuses what is too large, damaged or cut off.
 */
export async function readPicture(path: string, where = printable(path)): Promise<Picture> {
  withFile(path, (file) => refuseOther(file, where));
  const content = readWhole(path, where, MOST_BYTES, "a picture");
  refuseNoPixels(content, where);
  const sharp = await decoder(where);
  // Nothing is to be kept, nor any thread, once it is decoded.
  sharp.cache(false);
  sharp.concurrency(1);
  const damaged = (thrown: unknown) =>
    new UsageError(
      `${where}: cannot be decoded as a picture, ${reasonOf(thrown)}; it is damaged or was cut short: save or load it again`,
    );
  let meta: Awaited<ReturnType<ReturnType<typeof sharp>["metadata"]>>;
  try {
    meta = await sharp(content, { limitInputPixels: false }).metadata();
  } catch (thrown) {
    throw damaged(thrown);
  }
  const { width, height, depth, space, hasProfile } = meta;
  if (!(width * height <= MOST_PIXELS)) {
    throw new UsageError(
      `${where}: a picture must have at most ${MOST_PIXELS} pixels, got ${width} × ${height}; scale it down`,
    );
  }
  const isWide = depth === "ushort";
  // Without a profile inks are what they are called.
  const isInk = space === "cmyk" && !hasProfile;
  const picture = sharp(content, { limitInputPixels: MOST_PIXELS, failOn: "truncated" }).autoOrient();
  const seen = isInk
    ? picture.pipelineColourspace("cmyk").toColourspace("cmyk")
    : picture.flatten({ background: "white" }).toColourspace(isWide ? "rgb16" : "srgb");
  try {
    const { data, info } = await seen
      .raw({ depth: isWide ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
    const pixels = isWide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
    return { width: info.width, height: info.height, pixels: isInk ? withoutInk(data) : pixels };
  } catch (thrown) {
    throw damaged(thrown);
  }
}

/** What the decoder says, which may end in the head of a list that is empty. */
function reasonOf(thrown: unknown): string {
  return messageOf(thrown)
    .slice(0, 160)
    .replace(/[\s:]+$/, "");
}

/** The decoder says of a PNG without pixels that it is damaged. Width and height are the first that its first chunk holds. */
function refuseNoPixels(content: Buffer, where: string): void {
  const isSized = content.length >= 24 && content.toString("latin1", 12, 16) === "IHDR";
  const [width, height] = isSized ? [content.readUInt32BE(16), content.readUInt32BE(20)] : [1, 1];
  if (width > 0 && height > 0) return;
  throw new UsageError(
    `${where}: a picture must have at least one pixel, got ${width} × ${height}; save it again`,
  );
}

/** The library, which is native, and is not there for every machine. */
async function decoder(where: string) {
  try {
    const { default: sharp } = await import("sharp");
    return sharp;
  } catch (thrown) {
    throw new FailureError(
      `${where}: pictures are decoded by sharp, which cannot be loaded here, ${messageOf(thrown).slice(0, 160)}; install it, or use another input`,
    );
  }
}

/** Cyan, magenta, yellow and black take away red, green, blue and all three. */
function withoutInk(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((3 * inks.length) / 4);
  for (let ink = 0, to = 0; ink < inks.length; ink += 4) {
    const light = 255 - inks[ink + 3];
    for (let channel = 0; channel < 3; channel++) {
      pixels[to++] = Math.round(((255 - inks[ink + channel]) * light) / 255);
    }
  }
  return pixels;
}

function refuseOther(file: ReadableFile, where: string): void {
  const bytes = new Uint8Array(Math.min(8, file.size));
  file.read(0, bytes);
  const head = Buffer.from(bytes).toString("latin1");
  if (Object.values(SIGNATURES).some((signature) => head.startsWith(signature))) return;
  throw wrongKind(where, MUST, file, CONVERT);
}
