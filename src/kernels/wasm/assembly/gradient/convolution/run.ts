import { Call } from "../../call";
import {
  CONVOLUTION_BACK_ITEM_depthwise, CONVOLUTION_BACK_ITEM_hidden, CONVOLUTION_BACK_ITEM_more, CONVOLUTION_BACK_ITEM_pack, CONVOLUTION_BACK_ITEM_units, FORM_network, ITEM_BYTES,
  PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW,
} from "../../generated/layout";
import { addScoresTile, scoresTile } from "../../generated/micro";
import { Lane } from "../../lane";
import { copyRow, copyRows, packPanels } from "../../pack";
import { writeScaled } from "../../rows";
import { channelsOfTaps } from "./depthwise";
import { clear } from "../keys";
import { panelOfSecond, panelOfTaps } from "./taps";
import { ConvolutionBack, tokenOf } from "./words";

/** The gradient of a convolution of one head, or of a network over a window: the items `from … to`, which threads share out. */
export function runConvolutionGradientItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const end = load<i32>(item, 8);
    if (kind == CONVOLUTION_BACK_ITEM_pack) packTaps(call, first, end);
    else if (kind == CONVOLUTION_BACK_ITEM_hidden) for (let row = first; row < end; row += QUERIES) backToHidden(call, lane, row, min(QUERIES, end - row));
    else if (kind == CONVOLUTION_BACK_ITEM_units) for (let row = first; row < end; row += QUERIES) makeUnits(call, lane, row, min(QUERIES, end - row));
    else if (kind == CONVOLUTION_BACK_ITEM_more) panelOfSecond(call, lane, first);
    else if (kind == CONVOLUTION_BACK_ITEM_depthwise) channelsOfTaps(call, lane, first, end);
    else panelOfTaps(call, lane, first);
  }
}

/** Packs the rows of taps `from … to-1`, and with the first of them those of a network's second layer. */
function packTaps(call: usize, from: i32, to: i32): void {
  const b = Call.gradient(call);
  const d = Call.valueDim(call);
  const bytes: usize = <usize>d << 2;
  const packed: usize = <usize>((d + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS) * bytes;
  for (let tap = from; tap < to; tap++) {
    packPanels(Call.weights(call) + <usize>tap * <usize>d * bytes, bytes, d, d, 1, ConvolutionBack.packed(b) + <usize>tap * packed);
  }
  if (from == 0 && Call.form(call) == FORM_network) packPanels(Call.moreWeights(call), bytes, d, d, 1, ConvolutionBack.morePacked(b));
}

/** What the first layer of a network makes of some rows, each tap summed by itself: few rows may add up to a gradient of the second. */
function makeUnits(call: usize, lane: usize, first: i32, rows: i32): void {
  const d = Call.valueDim(call);
  const bytes: usize = <usize>d << 2;
  const to = Lane.projected(lane);
  for (let r = 0; r < QUERIES; r++) clear(to + <usize>r * QUERY_ROW, bytes + 31 & ~31);
  for (let tap = 0; tap < Call.taps(call); tap++) {
    for (let r = 0; r < rows; r++) {
      const token = tokenOf(call, first + r, tap);
      const row = Lane.queries(lane) + <usize>r * QUERY_ROW;
      if (token < 0) memory.fill(row, 0, bytes);
      else copyRow(Call.v(call) + <usize>token * bytes, bytes, row);
    }
    const matrix = Call.weights(call) + <usize>tap * <usize>d * bytes;
    for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) {
      for (let r = 0; r < rows; r += PANEL_QUERIES) {
        const at: usize = <usize>r * QUERY_ROW;
        addScoresTile(rows - r, Lane.queries(lane) + at, matrix + i, bytes, to + at + i, QUERY_ROW, d);
      }
    }
  }
  const hidden = ConvolutionBack.hidden(Call.gradient(call)) + <usize>first * bytes;
  for (let r = 0; r < rows; r++) writeScaled(to + <usize>r * QUERY_ROW, d, 1, hidden + <usize>r * bytes);
}

/** What comes to the first layer of a network, `dout W2ᵀ` where its units are open; leaves those as the second layer reads them. */
function backToHidden(call: usize, lane: usize, first: i32, rows: i32): void {
  const b = Call.gradient(call);
  const d = Call.valueDim(call);
  const bytes: usize = <usize>d << 2;
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  copyRows(Call.out(call) + <usize>first * bytes, bytes, rows, bytes, Lane.queries(lane), QUERY_ROW);
  let panel = ConvolutionBack.morePacked(b);
  for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2, panel += panelBytes) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const row: usize = <usize>r * QUERY_ROW;
      scoresTile(rows - r, Lane.queries(lane) + row, panel, PANEL_KEYS << 2, Lane.projected(lane) + row + i, QUERY_ROW, d);
    }
  }
  for (let r = 0; r < rows; r++) {
    const hidden = ConvolutionBack.hidden(b) + <usize>(first + r) * bytes;
    const to = Lane.projected(lane) + <usize>r * QUERY_ROW;
    for (let i: usize = 0; i < bytes; i += 4) {
      if (load<f32>(hidden + i) > 0) continue;
      store<f32>(hidden + i, 0);
      store<f32>(to + i, 0);
    }
    writeScaled(to, d, 1, ConvolutionBack.ofHidden(b) + <usize>(first + r) * bytes);
  }
}
