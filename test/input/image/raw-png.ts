import { crc32, deflateSync } from "node:zlib";

/** A PNG that claims a size, of 8 bits of grey, and the rows that it holds. */
export function rawPng(width: number, height: number, rows: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** The same of these pixels, `[height, width]`. */
export function greyPng(
  width: number,
  height: number,
  pixelAt: (x: number, y: number) => number,
): Uint8Array {
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) {
    // Every row begins with the number of its filter, which is none.
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = pixelAt(x, y);
  }
  return rawPng(width, height, rows);
}

function chunk(kind: string, content: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(kind, "latin1"), content]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(content.length, 0);
  around.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)]);
}
