/** What a WAV file says of itself; it may lie. */
interface RawFormat {
  readonly code?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly blockBytes?: number;
}

/** A chunk, whose size is that of its content unless another is claimed. */
export function rawChunk(id: string, content: Uint8Array, claimed = content.length): Uint8Array {
  const head = Buffer.alloc(8);
  head.write(id, "latin1");
  head.writeUInt32LE(claimed, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

export function rawFormat(format: RawFormat = {}): Uint8Array {
  const { code = 1, channels = 1, rate = 8000, bits = 16 } = format;
  const { blockBytes = (channels * bits) / 8 } = format;
  const chunk = Buffer.alloc(16);
  chunk.writeUInt16LE(code, 0);
  chunk.writeUInt16LE(channels, 2);
  chunk.writeUInt32LE(rate, 4);
  chunk.writeUInt32LE((rate * blockBytes) >>> 0, 8);
  chunk.writeUInt16LE(blockBytes, 12);
  chunk.writeUInt16LE(bits, 14);
  return rawChunk("fmt ", chunk);
}

/** A WAV file of these chunks. */
export function rawWav(chunks: readonly Uint8Array[], { id = "RIFF", size = -1 } = {}): Uint8Array {
  const body = Buffer.concat([Buffer.from("WAVE", "latin1"), ...chunks]);
  const head = Buffer.alloc(8);
  head.write(id, "latin1");
  head.writeUInt32LE(size < 0 ? body.length : size, 4);
  return Buffer.concat([head, body]);
}

/** Samples of 16 bits. */
export function rawSamples(samples: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(2 * samples.length);
  for (const [at, sample] of samples.entries()) bytes.writeInt16LE(sample, 2 * at);
  return bytes;
}
