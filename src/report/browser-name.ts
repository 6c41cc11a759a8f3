/** What browsers call themselves, those first that also call themselves by the names of others. */
const BROWSERS: readonly (readonly [name: string, form: RegExp])[] = [
  ["Edge", /\bEdg(?:A|iOS)?\/(\d+)/],
  ["Firefox", /\b(?:Firefox|FxiOS)\/(\d+)/],
  ["Chromium", /\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/],
  ["Safari", /\bVersion\/(\d+)\S* (?:Mobile\/\S+ )?Safari\//],
];

const SYSTEMS: readonly (readonly [name: string, form: RegExp])[] = [
  ["Android", /\bAndroid\b/],
  ["iOS", /\b(?:iPhone|iPad)\b/],
  ["macOS", /\bMac OS X\b/],
  ["Windows", /\bWindows\b/],
  ["Linux", /\bLinux\b/],
];

/** A browser by its user agent, such as `Chromium 150 on Linux`. */
export function browserName(userAgent: string): string {
  const known = BROWSERS.map(([name, form]) => [name, form.exec(userAgent)?.[1]]).find(
    ([, version]) => version !== undefined,
  );
  const system = SYSTEMS.find(([, form]) => form.test(userAgent));
  const on = system === undefined ? "" : ` on ${system[0]}`;
  return `${known === undefined ? "a browser" : known.join(" ")}${on}`;
}
