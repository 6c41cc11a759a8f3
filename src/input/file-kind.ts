import { UsageError } from "../core/errors.ts";
import type { ReadableFile } from "../files/readable-file.ts";

/** What a file looks like by its first bytes, and what to do with such a file. */
interface FileKind {
  readonly is: string;
  readonly todo: string;
}

/** Bytes that are examined. */
const HEAD_BYTES = 1024;

/** What an `.npz` file is, or looks like if it is damaged. */
export const ARCHIVE_OF_ARRAYS = "an archive of .npy files";
const SOME_ZIP = "a zip archive";

/** What an index of a checkpoint's shards is. */
export const INDEX_OF_SHARDS = "an index of shards";
const SOME_JSON = "JSON text";
const SOME_TEXT = "plain text";
const UTF_16 = "text in UTF-16";
/** What to do with a text in another encoding. */
export const TO_UTF8 = "convert it, such as with iconv -f UTF-16 -t UTF-8, or -f LATIN1";

/** What a damaged file was meant to be, as far as can be seen. */
const COARSE: Readonly<Record<string, string>> = {
  [ARCHIVE_OF_ARRAYS]: SOME_ZIP,
  [INDEX_OF_SHARDS]: SOME_JSON,
};

const CAPTURE = "capture q, k and v with the README's snippet";
const UNPACK = "unpack it first";
const AS_IMAGE = "write image:FILE to use a picture";
const TO_PNG = "convert it to PNG";
const TO_WAV = "convert it, such as with ffmpeg -i FILE OUT.wav";
const MATRIX_MARKET = "a Matrix Market file";

/** Bytes at a position, as Latin-1, that no other kind of file has there. */
const SIGNATURES: readonly (FileKind & { readonly bytes: string; readonly at?: number })[] = [
  { bytes: "\x89HDF\r\n\x1a\n", is: "an HDF5 file, such as of Keras or h5py", todo: CAPTURE },
  { bytes: "GGUF", is: "a GGUF file of llama.cpp, which holds weights", todo: CAPTURE },
  { bytes: "GGML", is: "a GGML file of llama.cpp, which holds weights", todo: CAPTURE },
  { bytes: "\x93NUMPY", is: "a .npy file", todo: "name the folder that holds q.npy, k.npy and v.npy" },
  { bytes: "\x1f\x8b", is: "a gzip file", todo: "unpack it first, such as with gunzip" },
  { bytes: "\x28\xb5\x2f\xfd", is: "a zstd file", todo: "unpack it first, such as with zstd -d" },
  { bytes: "\xfd7zXZ\x00", is: "an xz file", todo: "unpack it first, such as with unxz" },
  { bytes: "BZh", is: "a bzip2 file", todo: "unpack it first, such as with bunzip2" },
  { bytes: "7z\xbc\xaf\x27\x1c", is: "a 7z archive", todo: UNPACK },
  { bytes: "ustar", at: 257, is: "a tar archive", todo: "unpack it first, such as with tar xf" },
  {
    bytes: "version https://git-lfs.github.com/spec/",
    is: "a git-LFS pointer, which stands for the file",
    todo: "fetch the file itself with git lfs pull",
  },
  { bytes: "/annex/objects/", is: "a git-annex pointer", todo: "fetch the file itself with git annex get" },
  { bytes: "TFL3", at: 4, is: "a TensorFlow Lite model", todo: CAPTURE },
  { bytes: "MATLAB 5.0 MAT-file", is: "a MATLAB file", todo: "save the three tensors as safetensors" },
  { bytes: "PAR1", is: "a Parquet file", todo: "save the three tensors as safetensors" },
  { bytes: "ARROW1", is: "an Arrow file", todo: "save the three tensors as safetensors" },
  { bytes: "SQLite format 3\0", is: "an SQLite database", todo: CAPTURE },
  { bytes: "%PDF", is: "a PDF", todo: CAPTURE },
  { bytes: "\x89PNG", is: "a PNG picture", todo: AS_IMAGE },
  { bytes: "\xff\xd8\xff", is: "a JPEG picture", todo: AS_IMAGE },
  { bytes: "GIF8", is: "a GIF picture", todo: TO_PNG },
  { bytes: "II*\0", is: "a TIFF picture", todo: TO_PNG },
  { bytes: "MM\0*", is: "a TIFF picture", todo: TO_PNG },
  { bytes: "WEBP", at: 8, is: "a WebP picture", todo: TO_PNG },
  { bytes: "ftypavif", at: 4, is: "an AVIF picture", todo: TO_PNG },
  { bytes: "ftypheic", at: 4, is: "a HEIC picture", todo: TO_PNG },
  { bytes: "WAVE", at: 8, is: "a WAV sound", todo: "write speech:FILE to use a sound" },
  { bytes: "fLaC", is: "a FLAC sound", todo: TO_WAV },
  { bytes: "OggS", is: "an Ogg sound", todo: TO_WAV },
  { bytes: "ID3", is: "an MP3 sound", todo: TO_WAV },
  { bytes: "\xff\xfb", is: "an MP3 sound", todo: TO_WAV },
  { bytes: "AIFF", at: 8, is: "an AIFF sound", todo: TO_WAV },
  { bytes: "ftyp", at: 4, is: "an MPEG-4 file", todo: TO_WAV },
  { bytes: "caff", is: "a CAF sound", todo: TO_WAV },
  { bytes: "%%MatrixMarket", is: MATRIX_MARKET, todo: "write graph:FILE to use a graph" },
  { bytes: "\x7fELF", is: "a program", todo: CAPTURE },
  { bytes: "\xff\xfe", is: UTF_16, todo: CAPTURE },
  { bytes: "\xfe\xff", is: UTF_16, todo: CAPTURE },
  { bytes: "PK\x05\x06", is: "an empty zip archive", todo: CAPTURE },
];

/**
 * The error for a file that is not what its name says: the error of reading it, or, if it looks like another
 * kind of file, what that is and what to do. `must` is what it should have been, such as `a safetensors
 * file`.
 */
export function toldByLooks(where: string, must: string, file: ReadableFile, thrown: unknown): unknown {
  if (!(thrown instanceof UsageError)) return thrown;
  const kind = kindOf(file);
  if (kind === null || kind.is === must || kind.is === COARSE[must]) return thrown;
  return new UsageError(`${where}: must be ${must}, got ${kind.is}; ${kind.todo}`);
}

/** The same for a file whose name says nothing; plain text is accepted as text. */
export function toldUnlessText(where: string, must: string, file: ReadableFile): UsageError | null {
  const kind = kindOf(file);
  if (kind === null || kind.is === SOME_JSON || kind.is === SOME_TEXT) return null;
  return new UsageError(`${where}: ${must}, got ${kind.is}; ${kind.todo}`);
}

/**
 * The error for a file that is read by its content, and is another kind than it must be: what it looks like and what
 * to do with such a file, or `todo` if it looks like nothing that is known.
 */
export function wrongKind(where: string, must: string, file: ReadableFile, todo: string): UsageError {
  const kind = kindOf(file);
  if (kind === null) {
    const got = isOtherText(file) ? "text in another encoding" : "bytes of no kind that is known";
    return new UsageError(`${where}: must be ${must}, got ${got}; ${todo}`);
  }
  return new UsageError(
    `${where}: must be ${must}, got ${kind.is}; ${kind.todo === CAPTURE ? todo : kind.todo}`,
  );
}

/** The same unless it is text, such as a list of edges; null then. */
export function wrongUnlessText(
  where: string,
  must: string,
  file: ReadableFile,
  todo: string,
): UsageError | null {
  const kind = kindOf(file);
  if (kind?.is === SOME_TEXT || kind?.is === MATRIX_MARKET) return null;
  if (kind === null && isOtherText(file)) return null;
  // A line of SMILES may begin as a list of JSON does: [Na+].
  if (kind?.is === SOME_JSON && /\.(smi|smiles)$/i.test(where)) return null;
  return wrongKind(where, must, file, kind?.is === UTF_16 ? TO_UTF8 : todo);
}

function headOf(file: ReadableFile): Uint8Array {
  const bytes = new Uint8Array(Math.min(HEAD_BYTES, file.size));
  file.read(0, bytes);
  return bytes;
}

function kindOf(file: ReadableFile): FileKind | null {
  if (file.size === 0)
    return { is: "an empty file", todo: "save it again: was writing or loading it cut short?" };
  const bytes = headOf(file);
  const head = Buffer.from(bytes).toString("latin1");
  const known = SIGNATURES.find(({ bytes: signature, at = 0 }) => head.startsWith(signature, at));
  if (known !== undefined) return known;
  if (head.startsWith("PK\x03\x04")) return zipKind(head);
  return (
    pickleKind(head) ??
    protobufKind(head) ??
    utf16Kind(bytes) ??
    textKind(bytes) ??
    safetensorsKind(head) ??
    zerosKind(bytes)
  );
}

/** Without a mark: the letters of most languages of Europe have every other byte 0. */
function utf16Kind(bytes: Uint8Array): FileKind | null {
  const zeros = [0, 1].map((at) => bytes.filter((byte, index) => index % 2 === at && byte === 0).length);
  const half = Math.floor(bytes.length / 2);
  const isText = half >= 2 && Math.max(...zeros) >= 0.9 * half && Math.min(...zeros) === 0;
  return isText ? { is: UTF_16, todo: CAPTURE } : null;
}

const RESAVE =
  'load it in Python and save q, k and v with safetensors: save_file({"q": q, "k": k, "v": v}, path)';

function zipKind(head: string): FileKind {
  const member = head.slice(30, 30 + head.charCodeAt(26) + 256 * head.charCodeAt(27));
  if (/\.npy$/i.test(member)) return { is: ARCHIVE_OF_ARRAYS, todo: "rename it to end in .npz" };
  if (/(^|\/)(data\.pkl|\.format_version|\.data\/|byteorder|version)/.test(member))
    return { is: "a zipped pickle of torch.save", todo: RESAVE };
  if (/\.keras|^(metadata|config)\.json|\.weights\.h5$/.test(member))
    return { is: "a Keras model", todo: CAPTURE };
  return { is: SOME_ZIP, todo: UNPACK };
}

/** Protocol 2 and later begin with their number; torch.save wrote such files before it wrote archives. */
function pickleKind(head: string): FileKind | null {
  const isPickle = head.charCodeAt(0) === 0x80 && head.charCodeAt(1) >= 2 && head.charCodeAt(1) <= 5;
  return isPickle ? { is: "a pickle, such as of torch.save", todo: RESAVE } : null;
}

/**
 * Fields that may come second in an ONNX model: producer, domain, text, graph, operators, all with a length.
 */
const SECOND_FIELDS = [0x12, 0x1a, 0x22, 0x32, 0x3a, 0x42];

/** ONNX: a message whose first field is the version of its format, a small number. */
function protobufKind(head: string): FileKind | null {
  const [first, version, second] = [0, 1, 2].map((at) => head.charCodeAt(at));
  const looks = first === 0x08 && version >= 1 && version <= 32 && SECOND_FIELDS.includes(second);
  return looks ? { is: "a protocol buffer, such as an ONNX model", todo: CAPTURE } : null;
}

/** Whether a file may be text in another encoding than UTF-8: nothing in it steers a terminal. */
function isOtherText(file: ReadableFile): boolean {
  return !hasControls(Buffer.from(headOf(file)).toString("latin1"));
}

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text.replace(/[\t\n\r\f]/g, ""));
}

const TO_LIST = "save it as a list of edges, two nodes on a line";

/** Texts that are graphs, by how they begin. */
const GRAPHS: readonly (FileKind & { readonly begins: RegExp })[] = [
  { begins: /^(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<(graphml|gexf)/s, is: "a graph in XML", todo: TO_LIST },
  { begins: /^((#|creator|version|comment)[^\n]*\n\s*)*graph\s*\[/, is: "a graph in GML", todo: TO_LIST },
  { begins: /^(strict\s+)?(di)?graph\b[^{\n]*\{/, is: "a graph in DOT", todo: TO_LIST },
  { begins: /^\*(vertices|network)\b/, is: "a graph of Pajek", todo: TO_LIST },
  {
    begins: /^(c[^\n]*\n\s*)*p\s+(edge|edges|col|sp|max|td|tw)\s+\d/,
    is: "a graph in DIMACS's format",
    todo: TO_LIST,
  },
];

function textKind(bytes: Uint8Array): FileKind | null {
  let text: string;
  try {
    // The last character may be cut off.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
  if (hasControls(text)) return null;
  const start = text.trimStart().toLowerCase();
  const graph = GRAPHS.find(({ begins }) => begins.test(start));
  if (graph !== undefined) return graph;
  if (/^(<!doctype html|<html|<head|<\?xml|<!--)/.test(start)) {
    return {
      is: "a web page",
      todo: "load the file itself: a server sends a page instead when, for example, it wants a login",
    };
  }
  if (/^[{[]/.test(start)) {
    return start.includes('"weight_map"')
      ? { is: "the index of a checkpoint's shards", todo: "rename it to end in .safetensors.index.json" }
      : { is: SOME_JSON, todo: CAPTURE };
  }
  return start === ""
    ? { is: "nothing but white space", todo: CAPTURE }
    : { is: SOME_TEXT, todo: "write text:FILE to use a text as it is" };
}

function safetensorsKind(head: string): FileKind | null {
  // The header's length is far below 4 GiB, and the header begins with a brace.
  const looks = head.startsWith("\0\0\0\0{", 4) && head.slice(9).trimStart().startsWith('"');
  return looks ? { is: "a safetensors file", todo: "rename it to end in .safetensors" } : null;
}

function zerosKind(bytes: Uint8Array): FileKind | null {
  if (bytes.length < HEAD_BYTES || bytes.some((byte) => byte !== 0)) return null;
  return {
    is: "a file that begins with nothing but zeros",
    todo: "load or copy it again: that was cut short",
  };
}
