/** The platform that the engine is linked with: Node's, for which the page's bundle has a browser's. */
export { platform } from "./node/index.ts";
