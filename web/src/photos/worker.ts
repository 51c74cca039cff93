/** Examines one picture away from the page, so that twelve megapixels freeze nothing. */
import { examine } from "./examine";

self.addEventListener("message", async ({ data }: MessageEvent<{ file: Blob; smaller: boolean }>) => {
  try {
    self.postMessage({ facts: await examine(data.file, data.smaller) });
  } catch (error) {
    self.postMessage({ failed: error instanceof Error ? error.name : "Error" });
  }
});
