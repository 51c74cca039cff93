/** Saves by itself: after a pause, on leaving a field, and again and again where the line is cut. One request at a time. */
import type { Change, Kept, Sheet } from "./merging";
import { begun, changed, changeOf, heard, refusedFor, saved, sendable } from "./merging";

const PAUSE_MS = 1200;
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 30_000;

/** What became of a request. */
export type Outcome =
  | { kind: "saved"; kept: Kept }
  | { kind: "stale"; kept: Kept } // somebody else was first; `kept` is theirs
  | { kind: "refused"; errors: Record<string, string>; why: string }
  | { kind: "away"; why: string } // no line, or a server that is away: again later
  | { kind: "frozen" };

export type Standing = "saved" | "typing" | "saving" | "away" | "stuck" | "frozen";

export class Saver {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private running: Promise<void> | null = null;
  private wait = FIRST_WAIT_MS;
  private away = "";
  private frozen = false;
  private stopped = false;
  why = "";
  private now: Sheet;

  /** `show` is told after every step: what there is to see has changed. */
  constructor(
    kept: Kept,
    private readonly send: (change: Change) => Promise<Outcome>,
    private readonly show: (saver: Saver) => void,
  ) {
    this.now = begun(kept);
  }

  get sheet(): Sheet {
    return this.now;
  }

  get standing(): Standing {
    if (this.frozen) return changed(this.now).length ? "frozen" : "saved";
    if (this.running) return "saving";
    if (!changed(this.now).length) return "saved";
    if (this.away) return "away";
    return sendable(this.now).length ? "typing" : "stuck";
  }

  get unsaved(): boolean {
    return changed(this.now).length > 0;
  }

  /** A step by hand; it is saved after a pause. */
  change(step: (sheet: Sheet) => Sheet): void {
    this.now = step(this.now);
    if (!this.away) this.later(PAUSE_MS);
    this.show(this);
  }

  /** What the server was heard to keep. */
  hear(kept: Kept): void {
    if (this.running) return; // its answer is newer
    this.now = heard(this.now, kept);
    this.show(this);
  }

  /** The report is frozen: nothing more is sent, and what was not saved stays to be copied. */
  freeze(): void {
    this.frozen = true;
    this.later(null);
    this.show(this);
  }

  /** Now, without a pause; resolves when nothing more can be sent. */
  async flush(): Promise<void> {
    this.later(null);
    while (this.running) await this.running;
    do {
      if (this.stopped || this.frozen || !sendable(this.now).length) return;
      this.running = this.once();
      this.show(this);
      await this.running;
    } while (!this.away);
  }

  stop(): void {
    this.stopped = true;
    this.later(null);
  }

  private async once(): Promise<void> {
    const change = changeOf(this.now, sendable(this.now));
    let outcome: Outcome;
    try {
      outcome = await this.send(change);
    } catch (error) {
      outcome = { kind: "away", why: String(error) };
    }
    this.running = null;
    this.take(change, outcome);
    this.show(this);
  }

  private take(change: Change, outcome: Outcome): void {
    this.away = outcome.kind === "away" ? outcome.why || "?" : "";
    this.why = "why" in outcome ? outcome.why : "";
    if (outcome.kind === "away") {
      this.later(this.wait);
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
      return;
    }
    this.wait = FIRST_WAIT_MS;
    if (outcome.kind === "saved") this.now = saved(this.now, change, outcome.kept);
    else if (outcome.kind === "stale") this.now = heard(this.now, outcome.kept);
    else if (outcome.kind === "refused") this.now = refusedFor(this.now, change, outcome.errors, outcome.why);
    else this.frozen = true;
  }

  private later(ms: number | null): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = ms === null || this.stopped ? null : setTimeout(() => void this.flush(), ms);
  }
}
