import {
  PRODUCT_bias, PRODUCT_columnBytes, PRODUCT_columns, PRODUCT_entries, PRODUCT_from, PRODUCT_fromEntry, PRODUCT_fromHead, PRODUCT_fromRow, PRODUCT_fromWidth,
  PRODUCT_gamma, PRODUCT_groups, PRODUCT_inner, PRODUCT_panelBytes, PRODUCT_panels, PRODUCT_rows, PRODUCT_table, PRODUCT_to, PRODUCT_toEntry, PRODUCT_toHead,
  PRODUCT_tokens, PRODUCT_tokenTable, PRODUCT_toRow, PRODUCT_toWidth, PRODUCT_weights,
} from "./generated/layout";

/**
 * A product of rows with weights in a layer, `to = (from + table) · weights + bias`: 32-bit words at `product`, written by the host.
 * Rows of either side lie anywhere by their batch entry and head, since tokens are whole on one side and in heads on the other.
 */
export class Product {
  /** Numbers of a row of `from`, which are rows of the weights, and columns of those. */
  @inline static inner(product: usize): i32 { return load<i32>(product, PRODUCT_inner); }
  @inline static columns(product: usize): i32 { return load<i32>(product, PRODUCT_columns); }
  /** Rows of each batch entry, and how many entries there are. */
  @inline static rows(product: usize): i32 { return load<i32>(product, PRODUCT_rows); }
  @inline static entries(product: usize): i32 { return load<i32>(product, PRODUCT_entries); }
  /** Groups of panels of columns, which are items of their own, so that there are enough for all threads. */
  @inline static groups(product: usize): i32 { return load<i32>(product, PRODUCT_groups); }
  /** `[inner, columns]`, and where the micro-kernel reads them: in panels `[columns / PANEL_KEYS, inner, PANEL_KEYS]`, or as they are. */
  @inline static weights(product: usize): usize { return load<u32>(product, PRODUCT_weights); }
  @inline static panels(product: usize): usize { return load<u32>(product, PRODUCT_panels); }
  /** Bytes there from one panel of columns to the next, and within a panel from row to row. */
  @inline static panelBytes(product: usize): usize { return load<u32>(product, PRODUCT_panelBytes); }
  @inline static columnBytes(product: usize): usize { return load<u32>(product, PRODUCT_columnBytes); }
  /** Where rows come from: bytes from entry to entry, from row to row, from head to head, and numbers of a head. */
  @inline static from(product: usize): usize { return load<u32>(product, PRODUCT_from); }
  @inline static fromEntry(product: usize): usize { return load<u32>(product, PRODUCT_fromEntry); }
  @inline static fromRow(product: usize): usize { return load<u32>(product, PRODUCT_fromRow); }
  @inline static fromHead(product: usize): usize { return load<u32>(product, PRODUCT_fromHead); }
  @inline static fromWidth(product: usize): i32 { return load<i32>(product, PRODUCT_fromWidth); }
  /** What is added to the rows of each entry, `[rows, inner]`; 0 if nothing is. */
  @inline static table(product: usize): usize { return load<u32>(product, PRODUCT_table); }
  /** Where they go, in the same way. */
  @inline static to(product: usize): usize { return load<u32>(product, PRODUCT_to); }
  @inline static toEntry(product: usize): usize { return load<u32>(product, PRODUCT_toEntry); }
  @inline static toRow(product: usize): usize { return load<u32>(product, PRODUCT_toRow); }
  @inline static toHead(product: usize): usize { return load<u32>(product, PRODUCT_toHead); }
  @inline static toWidth(product: usize): i32 { return load<i32>(product, PRODUCT_toWidth); }
  /** What is added to each column; 0 if nothing is. */
  @inline static bias(product: usize): usize { return load<u32>(product, PRODUCT_bias); }
  /** Where results are added to tokens: the factor on them, tokens `[entries, rows, columns]`, and their table or 0; 0 if they are not. */
  @inline static gamma(product: usize): usize { return load<u32>(product, PRODUCT_gamma); }
  @inline static tokens(product: usize): usize { return load<u32>(product, PRODUCT_tokens); }
  @inline static tokenTable(product: usize): usize { return load<u32>(product, PRODUCT_tokenTable); }
}
