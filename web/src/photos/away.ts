/** Examine a picture in a worker of its own, which gives its memory back when it ends. */
import type { Facts } from "./examine";
import { mediaType } from "./media";
import { sha256 } from "./sha256";
import { drawnOnPage } from "./thumb";

const PATIENCE_MS = 60_000; // 200 megapixels take an old phone some ten seconds

type Answer = { facts: Facts } | { failed: string };

/** Throws what reading the file threw; a worker that does not start, dies or hangs is done without. */
export async function examineAway(file: Blob, smaller: boolean): Promise<Facts> {
  const answer = await ask(file, smaller);
  if (answer && "failed" in answer) throw new DOMException("the file cannot be read", answer.failed);
  const facts = answer ? answer.facts : await examineHere(file);
  return facts.drawn ? facts : { ...facts, thumb: await drawnOnPage(facts.bytes) };
}

/** What must be known at once; nothing is made smaller here. What the picture says of its moment the server reads from the original too. */
async function examineHere(file: Blob): Promise<Facts> {
  const original = await file.arrayBuffer();
  const media_type = mediaType(original, file.type);
  const bytes = new Blob([original], { type: media_type });
  const size = original.byteLength;
  return {
    bytes,
    sha256: await sha256(original),
    size,
    media_type,
    taken_at: null,
    thumb: null,
    drawn: false,
    original: null,
  };
}

async function ask(file: Blob, smaller: boolean): Promise<Answer | null> {
  let worker: Worker;
  try {
    worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  } catch {
    return null;
  }
  try {
    return await new Promise((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
      worker.onerror = () => resolve(null);
      setTimeout(() => resolve(null), PATIENCE_MS); // one that hangs would keep all other photos waiting
      worker.postMessage({ file, smaller });
    });
  } finally {
    worker.terminate();
  }
}
