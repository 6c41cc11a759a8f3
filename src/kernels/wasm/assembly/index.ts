export { runFeatureMap } from "./feature-map";
export { COLUMNS, PANEL_KEYS, PANEL_QUERIES, QUERIES } from "./layout";
export { scoresTile } from "./micro";
export { runHead } from "./walk";
