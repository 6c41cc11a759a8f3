/** The script of the engine's worker: speaks with the page that started it (`../protocol.ts`). */
import * as z from "zod";
import type { EngineTells, PageAsks } from "../protocol.ts";
import { Engine } from "./engine.ts";

// It would try whether it may write code of its own, which the page's policy forbids and a browser then reports.
z.config({ jitless: true });

const engine = new Engine((told: EngineTells) => postMessage(told));
addEventListener("message", ({ data }: MessageEvent<PageAsks>) => void engine.hear(data));
