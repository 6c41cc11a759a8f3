export { addTokens, clearStates, decodeFeatures, packHead } from "./decode-features";
export { decodeSoftmax } from "./decode-softmax";
export { runFeatureItems } from "./feature-map";
export { runGatherItems } from "./gather";
export { scoresTile } from "./generated/micro";
export { runBurst, runTanhBurst, sumFloats } from "./limits";
export { tanhFloats } from "./tanh";
export { turnRows } from "./turn";
export { runSoftmaxItems } from "./walk";
