/** What this installation has set for its pages: asked for with the sync, kept for when there is no signal. */
import { api, told } from "@/kit/api";
import { keep, recall } from "@/kit/db";
import { useLive } from "@/kit/live";
import { type MapSettings, PLAIN } from "@/kit/map/settings";

const KEY = "map";
const FRESH_MS = 3_600_000; // settings change with a restart of the server, if ever
let asked = Number.NEGATIVE_INFINITY;

/** Ask, where that was not done lately. Without an answer what was known stays. */
export async function pullSettings(): Promise<void> {
  if (performance.now() - asked < FRESH_MS) return;
  const { map } = told(await api.GET("/api/v1/settings"));
  if (!map) return;
  // What did not change is not written: a map that is looked at would be drawn anew.
  if (JSON.stringify(await recall(KEY)) !== JSON.stringify(map)) await keep(KEY, map);
  asked = performance.now();
}

export function useKeptSettings() {
  return useLive<MapSettings | null>(async () => (await recall<MapSettings>(KEY)) ?? PLAIN, null);
}
