/** Of hash-wasm this alone: a worker takes in whole what it imports as it runs. */
export { createSHA256 } from "hash-wasm";
