import type { AttentionInputs } from "../../../../core/tensors.ts";
import { TASK_WORDS } from "../../../schedule.ts";
import { Call, type CallWords, ScratchPlan } from "../../call.ts";
import { PRODUCTS } from "../../forms/planned-scores.ts";
import { NORMALISER, PANEL_KEYS, TILE } from "../../layout.ts";
import type { Means } from "../../means.ts";
import { phaseRunner } from "../../run-phases.ts";
import { sharedItems } from "../../shared-items.ts";
import { inPieces, JOINED_BLOCKS, PREPARED_TOKENS } from "../items.ts";
import { gradientLane } from "../lane.ts";
import { GRADIENT, GRADIENT_ITEM, GRADIENT_ROWS, GRADIENT_WORDS, GROUP_WORDS, KEY_BLOCK } from "../layout.ts";
import type { RowSegments } from "./row-segments.ts";
import { type TileRoom, TileWriter } from "./tile-writer.ts";

/** What numbers are multiplied by, in float32. */
export interface TileFactors {
  /** Queries and keys as they are brought in, so that their products are scores as the forward pass has them, to the bit. */
  readonly queries: number;
  readonly keys: number;
  /** The sums of dq and of dk. */
  readonly ofQueries: number;
  readonly ofKeys: number;
}

/** What a call of tiles is prepared for. */
export interface TileSizes {
  readonly queries: number;
  readonly keys: number;
  readonly headDim: number;
  readonly valueDim: number;
  readonly threads: number;
  readonly factors: TileFactors;
  readonly segments: RowSegments;
  /** How often all segments are gone through, one time after the other. */
  readonly passes: number;
  /** Whether all keys and values are packed first: those of lists never are. */
  readonly packsKeys: boolean;
  readonly room: Omit<TileRoom, "ranges">;
}

/** Groups of tokens that were chosen, whose lists and masks the module writes: tiles are written once. */
export interface GroupedTiles {
  /** How many items find their order. */
  readonly sorts: number;
  /** Numbers of each key that tell which groups before it saw it. */
  readonly shown: number;
  /** Rows of dq that groups leave, which are joined by queries; null if each query is in one group of a pass. */
  readonly slots: number | null;
  /** Writes the words of the groups; their lists are the tokens of the call. */
  bind(call: Call): CallWords;
}

/** Where the tensors of a head are, in bytes; sums of dk and dv are added to what is there, or written. */
export interface HeadPlaces {
  readonly q: number;
  readonly k: number;
  readonly v: number;
  readonly dout: number;
  readonly out: number;
  readonly sums: number;
  readonly dq: number;
  readonly dk: number;
  readonly dv: number;
  readonly adds: boolean;
}

/** The gradient over tiles that are written anew for each head: `writer` writes them, a range for each segment of each pass. */
export interface TileCall {
  readonly writer: TileWriter;
  /** Clears the sums of all queries, which tiles then fetch and keep; `dq` is where the gradient is to be. */
  clearQueries(dq: number): void;
  /** `words` are those of the call that change from head to head. */
  run(at: HeadPlaces, words?: CallWords): void;
  readonly workspaceBytes: number;
  dispose(): void;
}

/** Groups of rows of an item that hides pairs. */
const HIDDEN_GROUPS = 8;

/** Queries of an item that joins them. */
const JOINED_QUERIES = 512;

export function prepareTileCall(
  { queries, keys, headDim, valueDim, threads, factors, segments, passes, packsKeys, room }: TileSizes,
  { inputs, dout }: { readonly inputs: AttentionInputs; readonly dout: Float32Array },
  { build, pool }: Pick<Means, "build" | "pool">,
  plan = new ScratchPlan(),
  groups: GroupedTiles | null = null,
): TileCall {
  const [keyWidth, width] = [headDim, valueDim].map(
    (count) => Math.ceil(count / build.panelKeys) * build.panelKeys,
  );
  const { count, tables, blocks, slots } = segments;
  const packed = packsKeys ? Math.ceil(keys / PANEL_KEYS.wide) * PANEL_KEYS.wide : 0;
  const places = {
    keys: plan.words(packed * headDim),
    values: plan.words(packed * valueDim),
    partialKeys: plan.words(slots * KEY_BLOCK * keyWidth),
    partialValues: plan.words(slots * KEY_BLOCK * width),
    kept: plan.words(keyWidth === headDim ? 0 : queries * keyWidth),
    tasks: plan.words(room.tasks * TASK_WORDS),
    tokens: plan.words(room.entries),
    masks: plan.words(room.masks),
    groups: plan.words(room.groups * GROUP_WORDS),
    ranges: plan.words(2 * passes * count),
    tables: plan.words(tables.length),
    slots: plan.words((groups?.slots ?? 0) * headDim),
    words: plan.words(GRADIENT_WORDS),
  };
  const hidden =
    groups === null
      ? []
      : [
          Array.from({ length: groups.sorts }, (_, index) => [GRADIENT_ITEM.sort, index, 0]),
          inPieces(GRADIENT_ITEM.hide, room.groups, HIDDEN_GROUPS),
        ];
  const slotRows = groups?.slots ?? null;
  const items = sharedItems([
    ...hidden,
    inPieces(GRADIENT_ITEM.prepare, keys, PREPARED_TOKENS),
    ...Array.from({ length: passes }, (_, pass) =>
      Array.from({ length: count }, (_, segment) => [
        pass === 0 ? GRADIENT_ITEM.begin : GRADIENT_ITEM.goOn,
        pass * count + segment,
        segment,
      ]),
    ),
    [
      ...inPieces(GRADIENT_ITEM.join, blocks, JOINED_BLOCKS),
      ...inPieces(GRADIENT_ITEM.joinQueries, slotRows === null ? 0 : queries, JOINED_QUERIES),
    ],
  ]);
  const itemsAt = plan.words(items.words.length);
  const widths = { headDim, valueDim, keyWidth, width };
  const lanes = Array.from({ length: threads }, () => ({
    ...gradientLane(plan, widths),
    ...(groups !== null && {
      shown: plan.words(groups.shown * (2 * TILE.columns)),
      attended: plan.words((GRADIENT_ROWS * TILE.columns) / 32),
    }),
  }));
  const call = new Call(plan, inputs, dout, lanes);
  const { arena } = call;
  const place = (name: keyof typeof places): number => call.place(places[name]);
  call.copy(itemsAt, items.words);
  call.copy(places.tables, tables);
  call.set({ length: keys, d: headDim, valueDim, width, firstQuery: 0, channels: headDim });
  call.setFloat("factor", factors.keys);
  call.setFloat("rowNumber", Number.NEGATIVE_INFINITY);
  call.set({ ...PRODUCTS, turns: 0, bias: 0, projection: 0, rowNumbers: 0, normaliser: NORMALISER.softmax });
  call.set({ packsKeys: Number(packsKeys), checksValues: 1 });
  call.set({ keys: place("keys"), gradient: place("words") });
  call.set({ tasks: place("tasks"), tokens: place("tokens"), masks: place("masks") });
  const ofGroups = groups?.bind(call);
  if (ofGroups !== undefined) call.set(ofGroups);
  const words = arena.integers(place("words"), GRADIENT_WORDS).fill(0);
  const set = (some: Partial<Record<keyof typeof GRADIENT, number>>): void => {
    for (const [name, value] of Object.entries(some)) words[GRADIENT[name as keyof typeof GRADIENT]] = value;
  };
  set({ width: keyWidth, packedValues: place("values") });
  set({ partialKeys: place("partialKeys"), partialValues: place("partialValues") });
  set({ groups: place("groups"), ranges: place("ranges"), tables: place("tables"), blocks, segments: count });
  const numbers = arena.floats(place("words"), GRADIENT_WORDS);
  numbers[GRADIENT.queryFactor] = factors.queries;
  numbers[GRADIENT.ofQueries] = factors.ofQueries;
  numbers[GRADIENT.ofKeys] = factors.ofKeys;
  const integers = (name: "tasks" | "tokens" | "groups" | "ranges", floats: number): Int32Array =>
    arena.integers(place(name), floats);
  const writer = new TileWriter(
    {
      tasks: integers("tasks", room.tasks * TASK_WORDS),
      tokens: integers("tokens", room.entries),
      masks: new Uint32Array(arena.memory.buffer, place("masks"), room.masks),
      groups: integers("groups", room.groups * GROUP_WORDS),
      ranges: integers("ranges", 2 * passes * count),
    },
    { headDim, valueDim, panelKeys: build.panelKeys },
  );
  const phases = call.phases(itemsAt, items.phaseEnds);
  const runner = phaseRunner(call, build, "runGradientItems", pool);
  const kept = (dq: number): number => (keyWidth === headDim ? dq : place("kept"));
  const [hiding, attending] = [phases.slice(0, hidden.length), phases.slice(hidden.length)];
  return {
    writer,
    clearQueries: (dq) => arena.floats(kept(dq), queries * keyWidth).fill(0),
    run({ q, k, v, dout: along, adds, dq, ...at }, words = {}) {
      call.set({ q, k, v, out: along, ...words });
      const joins = slotRows !== null;
      const ofQueries = joins ? place("slots") : dq;
      set({ ...at, dq: ofQueries, joined: joins ? dq : 0, kept: kept(ofQueries), adds: Number(adds) });
      // Where some number is not finite, what is hidden is noted.
      call.set({ finite: 0 });
      runner.run(hiding);
      call.set({ finite: 1 });
      runner.run(attending);
    },
    workspaceBytes: call.workspaceBytes,
    dispose: () => runner.dispose(),
  };
}
