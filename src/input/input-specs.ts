/** The inputs between commas, of which those before an image's options are its own: `text:,image:a.png,patch=16`. */
export function inputSpecs(text: string): readonly string[] {
  return text
    .split(/,(?!patch=)/)
    .map((spec) => spec.trim())
    .filter((spec) => spec !== "");
}
