import { describe, expect, it } from "vitest";
import { openInput } from "../../src/input/open-input.ts";
import { npyHeader, rawNpy, rawSafetensors, rawZip } from "./raw-files.ts";
import { refusalOf } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const latin = (text: string): Uint8Array => Buffer.from(text, "latin1");
const tar = Buffer.alloc(1024);
tar.write("q.bin", 0, "latin1");
tar.write("ustar", 257, "latin1");
const zip = (name: string) => rawZip([{ name, data: latin("x") }]);

const kinds: [string, Uint8Array, string][] = [
  [
    "an old pickle of torch.save",
    latin("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."),
    "got a pickle, such as of torch.save; load it in Python",
  ],
  ["a pickle of protocol 5", latin("\x80\x05\x95\x1a\0\0\0\0\0\0\0}\x94."), "got a pickle"],
  [
    "a new pickle of torch.save",
    zip("archive/data.pkl"),
    "got a zipped pickle of torch.save; load it in Python",
  ],
  ["HDF5", latin("\x89HDF\r\n\x1a\n\0\0\0"), "got an HDF5 file"],
  ["GGUF", latin("GGUF\x03\0\0\0\x10\0\0\0"), "got a GGUF file of llama.cpp"],
  ["ONNX", latin("\x08\x07\x12\x07pytorch\x1a\x032.1"), "such as an ONNX model"],
  ["gzip", latin("\x1f\x8b\x08\0\0\0\0\0\0\x03abc"), "got a gzip file; unpack it first, such as with gunzip"],
  ["zstd", latin("\x28\xb5\x2f\xfd\x24\x10"), "got a zstd file"],
  ["tar", tar, "got a tar archive"],
  [
    "a git-LFS pointer",
    latin("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12345\n"),
    "got a git-LFS pointer, which stands for the file; fetch the file itself with git lfs pull",
  ],
  ["a page to log in", latin("\n<!DOCTYPE html>\n<html><head>"), "got a web page"],
  ["an answer of XML", latin('<?xml version="1.0"?><Error>'), "got a web page"],
  ["JSON", latin('{"error": "Repository not found"}'), "got JSON text"],
  [
    "an index of shards",
    latin('{"metadata": {}, "weight_map": {"q": "a"}}'),
    "rename it to end in .safetensors.index.json",
  ],
  ["text", latin("Entry not found"), "got plain text"],
  ["text in UTF-16", Buffer.from("\ufeffhello", "utf16le"), "got text in UTF-16"],
  ["nothing", latin(""), "got an empty file"],
  ["zeros", new Uint8Array(4096), "got a file that begins with nothing but zeros"],
];

describe("a file that is not what its name says is told by what it looks like", () => {
  it.each(kinds)("%s", async (_, content, message) => {
    for (const name of ["x.safetensors", "x.npz"]) {
      expect(await refusalOf(() => openInput(folder.write(name, content), 0))).toContain(message);
    }
    folder.write("q.npy", content);
    folder.write("k.npy", content);
    folder.write("v.npy", content);
    expect(await refusalOf(() => openInput(folder.path, 0))).toContain(message);
  });

  it.each<[string, Uint8Array, string]>([
    [
      "model.pt",
      zip("archive/data.pkl"),
      "must end in .safetensors, .safetensors.index.json or .npz, got a zipped pickle",
    ],
    ["pytorch_model.bin", latin("\x80\x02}q\0."), "got a pickle"],
    ["x.safetensors.gz", latin("\x1f\x8b\x08\0"), "got a gzip file; unpack it first"],
    ["notes.md", latin("# words"), "save the tensors as safetensors, or write text:FILE for a text"],
    [
      "x.safetensors",
      rawNpy(npyHeader("<f4", [0]), latin("")),
      "got a .npy file; name the folder that holds",
    ],
    ["x.safetensors", zip("q.npy"), "got an archive of .npy files; rename it to end in .npz"],
    ["x.safetensors", zip("notes.txt"), "got a zip archive; unpack it first"],
    ["x.npz", rawSafetensors({ q: {} }), "got a safetensors file; rename it to end in .safetensors"],
    ["x.safetensors", new Uint8Array(1000), "header must be JSON, got no bytes; the file is damaged"],
    ["x.safetensors", latin("\xde\xad\xbe\xef\xde\xad\xbe\xefnobody knows"), "header must be at most"],
  ])("as %s", async (name, content, message) => {
    expect(await refusalOf(() => openInput(folder.write(name, content), 0))).toContain(message);
  });
});
