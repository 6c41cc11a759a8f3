import { writeFileSync } from "node:fs";
import sharp from "sharp";
import { type RandomStream, randomStream } from "../src/core/random.ts";
import { SAMPLES } from "../src/input/samples.ts";
import { sampleFormat } from "../src/input/speech/wav-samples.ts";

/** Samples a second of the sound. */
const RATE = 8000;

/** Vowels by the frequencies of their first three formants, in hertz. */
const VOWELS = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410],
  [660, 1720, 2410],
] as const;

// Makes the samples of speech, an image and a graph that come with the package: npm run samples

/** Pixels of a side of the image. */
const SIDE = 64;

/** A WAV file. */
export function speech(): Uint8Array {
  return wavOf(babble(randomStream(1)), RATE);
}

/** The pixels of the image, `[64, 64, 3]`. */
export function image(): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) pixels.set(colourAt(x, y), 3 * (SIDE * y + x));
  }
  return pixels;
}

/** A list of edges. */
export function graph(): string {
  return communities(randomStream(3));
}

if (import.meta.main) {
  writeFileSync(SAMPLES.speech, speech());
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  writeFileSync(SAMPLES.image, await sharp(image(), { raw }).png({ compressionLevel: 9 }).toBuffer());
  writeFileSync(SAMPLES.graph, graph());
}

/** 8.2 s of syllables: a hiss, then a vowel that glides into the next one, in phrases whose pitch falls. */
function babble(random: RandomStream): Float64Array {
  const rate = RATE;
  const samples = new Float64Array(Math.round(8.2 * rate));
  let at = Math.round(0.1 * rate);
  let vowel = random.below(VOWELS.length);
  for (let syllable = 0; at < samples.length; syllable++) {
    const next = random.below(VOWELS.length);
    const pitch = 150 - 8 * (syllable % 6) + 6 * random.gaussian();
    const hiss = Math.round((0.03 + 0.05 * random.uniform()) * rate);
    let before = 0;
    for (let i = 0; i < hiss && at < samples.length; i++, at++) {
      const noise = random.gaussian();
      samples[at] = 0.05 * (noise - 0.9 * before) * Math.sin((Math.PI * i) / hiss);
      before = noise;
    }
    const voiced = Math.round((0.12 + 0.15 * random.uniform()) * rate);
    let phase = 0;
    for (let i = 0; i < voiced && at < samples.length; i++, at++) {
      const share = i / voiced;
      phase += (2 * Math.PI * pitch * (1 - 0.08 * share)) / rate;
      samples[at] =
        Math.sin(Math.PI * share) ** 0.5 * voice(phase, pitch, VOWELS[vowel], VOWELS[next], share);
    }
    vowel = next;
    at += Math.round((syllable % 6 === 5 ? 0.25 : 0.02) * rate);
  }
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return samples.map((sample) => (0.8 * sample) / loudest);
}

/** Harmonics of a pitch, each as loud as the formants that are near make it. */
function voice(
  phase: number,
  pitch: number,
  from: readonly number[],
  to: readonly number[],
  share: number,
): number {
  let sum = 0;
  for (let harmonic = 1; harmonic * pitch < RATE / 2; harmonic++) {
    const frequency = harmonic * pitch;
    const gain = from.reduce((total, formant, index) => {
      const centre = formant + share * (to[index] - formant);
      return total + 1 / (1 + ((frequency - centre) / (60 + 30 * index)) ** 2) / (index + 1);
    }, 0.02);
    sum += (gain / harmonic ** 0.5) * Math.sin(harmonic * phase);
  }
  return sum;
}

/** A WAV file of one channel in µ-law. */
function wavOf(samples: Float64Array, rate: number): Uint8Array {
  const format = sampleFormat(7, 1);
  if (format === null) throw new TypeError("µ-law must be known");
  const view = new DataView(Uint8Array.from({ length: 256 }, (_, code) => code).buffer);
  const levels = Array.from({ length: 256 }, (_, code) => format.read(view, code));
  const nearest = (sample: number) => {
    let best = 0;
    for (let code = 1; code < 256; code++) {
      if (Math.abs(levels[code] - sample) < Math.abs(levels[best] - sample)) best = code;
    }
    return best;
  };
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(7, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, Uint8Array.from(samples, nearest)]);
}

/** An evening sky, the sun, hills, a house with lit windows, and a chequered square before it. */
function colourAt(x: number, y: number): readonly [number, number, number] {
  const inHouse = x >= 36 && x < 54 && y >= 24 && y < 42;
  const underRoof = y >= 14 && y < 24 && Math.abs(x - 44.5) < 1.2 * (y - 13);
  if (inHouse) {
    const inWindow = (x - 36) % 9 >= 3 && (x - 36) % 9 < 7 && (y - 24) % 9 >= 3 && (y - 24) % 9 < 7;
    return inWindow ? [250, 220, 120] : y % 3 === 0 ? [120, 62, 48] : [168, 90, 66];
  }
  if (underRoof) return [88, 44, 56];
  if (y >= 42) {
    const tile = (Math.floor(x / 8) + Math.floor((y - 42) / 6)) % 2 === 0;
    const shade = 0.6 + (0.4 * (y - 42)) / 21;
    return tile ? [shade * 190, shade * 180, shade * 150] : [shade * 70, shade * 90, shade * 60];
  }
  const nearHill = y > 32 + 4 * Math.sin(x / 7) + 2 * Math.sin(x / 3);
  if (nearHill) return [52, 92 + 2 * (y - 30), 58];
  const farHill = y > 24 + 5 * Math.sin(x / 11 + 2);
  if (farHill) return [70, 86, 120];
  const fromSun = Math.hypot(x - 16, y - 13);
  if (fromSun < 6) return [255, 236, 170];
  const glow = Math.exp(-fromSun / 14);
  return [40 + 5 * y + 120 * glow, 60 + 3 * y + 80 * glow, 150 + 10 * glow];
}

/** A social graph of 512 people in 8 communities of 64: near all friends of the many are in their own. */
function communities(random: RandomStream): string {
  const edges = new Set<string>();
  const add = (a: number, b: number) => {
    if (a !== b) edges.add(`${Math.min(a, b)} ${Math.max(a, b)}`);
  };
  for (let person = 0; person < 512; person++) {
    const home = 64 * Math.floor(person / 64);
    // A ring that holds the community together, and friends that more often are those whom many know.
    add(person, home + ((person + 1) % 64));
    for (let friend = 0; friend < 3; friend++) add(person, home + Math.floor(64 * random.uniform() ** 2));
    if (random.uniform() < 0.2) add(person, random.below(512));
  }
  const sorted = [...edges]
    .map((edge) => edge.split(" ").map(Number))
    .sort(([a, b], [c, d]) => a - c || b - d);
  return [
    "# 512 people in 8 communities of 64, and who knows whom; made by scripts/make-samples.ts",
    ...sorted.map(([a, b]) => `${a} ${b}`),
    "",
  ].join("\n");
}
