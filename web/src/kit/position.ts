/** Where this phone is, how exactly, and why not. Asks only when told to, and stops with its page. */
import { onScopeDispose, ref, type ShallowRef, shallowRef } from "vue";
import type { Position } from "./db";

export type Finding = "off" | "asking" | "found" | "denied" | "unavailable" | "insecure";

/** A fix that does not come within 20 s counts as unavailable, though a later one is still taken. */
export function usePosition() {
  const position: ShallowRef<Position | null> = shallowRef(null);
  const finding = ref<Finding>("off");
  let watch: number | null = null;

  function start(): void {
    stop();
    if (!window.isSecureContext || !navigator.geolocation) {
      finding.value = "insecure";
      return;
    }
    finding.value = "asking";
    watch = navigator.geolocation.watchPosition(found, failed, {
      enableHighAccuracy: true,
      maximumAge: 10_000,
      timeout: 20_000,
    });
  }

  function found({ coords, timestamp }: GeolocationPosition): void {
    position.value = {
      lat: round(coords.latitude, 7),
      lng: round(coords.longitude, 7),
      accuracy_m: Number.isFinite(coords.accuracy) ? round(coords.accuracy, 1) : null,
      // Some browsers give a timestamp of another clock; one from the future would be nonsense.
      captured_at: new Date(Math.min(timestamp, Date.now())).toISOString(),
    };
    finding.value = "found";
  }

  function failed(error: GeolocationPositionError): void {
    if (error.code === error.PERMISSION_DENIED) finding.value = "denied";
    else if (!position.value) finding.value = "unavailable";
  }

  function stop(): void {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = null;
  }

  onScopeDispose(stop);
  return { position, finding, start, stop };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Whether the person has allowed it before, so that asking again shows no question. */
export async function isAllowed(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false; // an older browser that cannot tell
  }
}
