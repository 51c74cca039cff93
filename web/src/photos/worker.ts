/** Examines one picture away from the page, so that twelve megapixels freeze nothing. */
import { examine } from "./examine";

self.addEventListener("message", async ({ data }: MessageEvent<Blob>) => {
  try {
    self.postMessage({ facts: await examine(data) });
  } catch (error) {
    self.postMessage({ failed: error instanceof Error ? error.name : "Error" });
  }
});
