import { printable } from "../../core/errors.ts";
import type { Answer, Asked } from "./attendant-words.ts";
import { NEEDS } from "./protocol.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A line that a program wrote, as the answer to what it was asked, null for nothing. `lost` if it is none: then nothing that
 * it writes can be believed.
 */
export function readAnswer(bytes: Uint8Array, asked: Pick<Asked, "id" | "mayNeed"> | null): Answer {
  const line = textIn(bytes);
  if (line === null) return noAnswer("bytes that are not UTF-8");
  const shown = printable(line.trim(), 80);
  const value = objectIn(line);
  if (value === null) return noAnswer(shown === "" ? "an empty line" : `'${shown}'`);
  const { id, ...rest } = value;
  // Whether what was answered twice comes before or after the next request is a matter of luck, and told alike.
  if (asked === null || isBefore(asked.id, id)) {
    return { lost: `wrote '${shown}' without being asked; it must answer each request once` };
  }
  if (id !== asked.id) {
    const got = printable(String(id), 20);
    return { lost: `answered request ${got} where ${asked.id} was asked; answers must come in order` };
  }
  const [[name, told] = ["", null], ...others] = Object.entries(rest);
  if (others.length > 0 || !["ok", "error", "need"].includes(name)) {
    return { lost: `answered '${shown}', which must have an id and one of ok and error` };
  }
  if (name === "ok") return { ok: told };
  if (name === "error") return { error: reasonIn(told) };
  const need = NEEDS.find((one) => one === told);
  if (need !== undefined && asked.mayNeed) return { need };
  return {
    lost: `needs ${printable(String(told), 40)}; it may need ${NEEDS.join(" or ")} while it prepares`,
  };
}

/** Whether an answer's id is of a request before the one that waits; the first of all is 1. */
function isBefore(waits: number, id: unknown): boolean {
  return Number.isInteger(id) && Number(id) >= 1 && Number(id) < waits;
}

function noAnswer(what: string): Answer {
  return {
    lost: `wrote ${what} to standard output, which is for answers alone; logs belong on standard error`,
  };
}

function textIn(bytes: Uint8Array): string | null {
  try {
    return UTF8.decode(bytes);
  } catch {
    return null;
  }
}

function objectIn(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function reasonIn(told: unknown): string {
  const reason = typeof told === "string" ? told.trim() : "";
  return reason === "" ? "no reason was told" : printable(reason, 1000);
}
