import { Document, isMap, isScalar, isSeq, type Node, visit } from "yaml";

/** Comments in front of the values of these paths; of the document if the path is empty. */
export type Comments = readonly (readonly [path: readonly (string | number)[], comment: string])[];

/** A text that no reader takes for anything else: `no` and `0x1` are others in YAML 1.1, which Kubernetes reads, `0o7` in 1.2. */
const PLAIN = /^(?!(y|n|yes|no|on|off|true|false|null|nan|inf)$)[a-z/][\w./:@-]*$/i;

/** YAML of plain data, with comments. A comment whose path the data does not have is left out. */
export function commentedYaml(data: unknown, comments: Comments): string {
  const document = new Document(data, { schema: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      const { value } = scalar;
      if (typeof value === "string") scalar.type = PLAIN.test(value) ? "PLAIN" : "QUOTE_DOUBLE";
    },
  });
  for (const [path, comment] of comments) {
    if (path.length === 0) document.commentBefore = comment;
    else putBefore(document.contents, path, comment);
  }
  return document.toString({ lineWidth: 0 });
}

function putBefore(node: unknown, path: readonly (string | number)[], comment: string): void {
  const [step, ...rest] = path;
  if (isSeq(node) && typeof step === "number") putBefore(node.items[step], rest, comment);
  if (!isMap(node)) return;
  const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
  if (pair === undefined) return;
  if (rest.length > 0) putBefore(pair.value, rest, comment);
  else (pair.key as Node).commentBefore = comment;
}
