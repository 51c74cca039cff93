/**
 * Keeping a draft: every touch is written at once, typing within 300 ms, and the rest when the page goes away. A page
 * that is killed in between has no time for the database, so what is not in it yet stands in `localStorage` as well.
 */
import type { Table } from "dexie";
import { onScopeDispose, type Ref, ref } from "vue";
import { type Draft, type DraftAnswer, db } from "@/kit/db";
import { now } from "@/kit/time";

const TYPING_MS = 300;

export type Kept = "kept" | "keeping" | "failed" | "gone";

/** What of a draft may be set beside its answers. */
export type Fields = Pick<
  Draft,
  "summary" | "position" | "location_reason" | "outside_reason" | "correction_reason" | "representative"
>;

/**
 * Only what was touched is written, so that two tabs with the same draft do not undo each other. `gone` says that the
 * draft was sent or thrown away elsewhere: it is not made again.
 */
export class Keeper<Set extends object = Fields> {
  readonly state: Ref<Kept> = ref("kept");
  private answers = new Map<string, DraftAnswer>();
  private fields: Partial<Set> = {};
  private flying: Touched<Set> = { answers: {}, fields: {} }; // being written at this moment
  private writtenAt = "";
  private timer: ReturnType<typeof setTimeout> | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly id: string,
    private readonly table = (): Table<Keepable, string> => db.drafts as Table<Keepable, string>,
  ) {}

  answer(code: string, answer: DraftAnswer, typing: boolean): void {
    this.answers.set(code, { ...answer });
    this.touched(typing);
  }

  set(fields: Partial<Set>, typing: boolean): void {
    Object.assign(this.fields, plain(fields));
    this.touched(typing);
  }

  /** Whether an answer (by its item's code) or a field was touched here and is not in the database yet. */
  holds(name: string): boolean {
    const { answers, fields } = this.flying;
    return this.answers.has(name) || name in this.fields || name in answers || name in fields;
  }

  /** Bring into a draft as it was read what was touched in the last moment before its page was killed. */
  recover(draft: Keepable): void {
    const left = journalled<Set>(this.id);
    if (!left) return;
    Object.assign(draft, left.fields);
    Object.assign(draft.answers ?? {}, left.answers);
    this.answers = new Map([...Object.entries(left.answers), ...this.answers]);
    this.fields = { ...left.fields, ...this.fields };
    this.touched(false);
  }

  /** Whether a draft as it was read is older than what was written from here. */
  isPast(draft: Keepable): boolean {
    return draft.touched_at < this.writtenAt;
  }

  private touched(typing: boolean): void {
    const { answers, fields } = this.flying;
    journal(this.id, {
      answers: { ...answers, ...Object.fromEntries(this.answers) },
      fields: { ...fields, ...this.fields },
    });
    if (this.state.value !== "gone") this.state.value = "keeping";
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (typing) this.timer = setTimeout(() => void this.flush(), TYPING_MS);
    else void this.flush();
  }

  /** Write what is not written; done when everything touched so far is in the database, or `state` says why not. */
  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    if (!this.answers.size && !Object.keys(this.fields).length) return;
    const { answers, fields } = this;
    this.answers = new Map();
    this.fields = {};
    this.flying = { answers: Object.fromEntries(answers), fields };
    const moment = now();
    try {
      const there = await db.transaction("rw", this.table(), async () => {
        const draft = await this.table().get(this.id);
        if (!draft) return false;
        Object.assign(draft, fields, { touched_at: moment });
        Object.assign(draft.answers ?? {}, this.flying.answers);
        await this.table().put(draft);
        return true;
      });
      this.writtenAt = moment;
      const more = this.answers.size > 0 || Object.keys(this.fields).length > 0;
      if (!more) journal(this.id, null);
      this.state.value = there ? (more ? "keeping" : "kept") : "gone";
    } catch (error) {
      // A full disk, mostly. What was touched is kept here and tried again with the next touch.
      console.error("a draft could not be kept", error);
      this.answers = new Map([...answers, ...this.answers]);
      this.fields = { ...fields, ...this.fields };
      this.state.value = "failed";
    } finally {
      this.flying = { answers: {}, fields: {} };
    }
  }
}

/** What can be kept so: a report's draft, or what is being written about an issue, which has no answers. */
interface Keepable {
  id: string;
  touched_at: string;
  answers?: Record<string, DraftAnswer>;
}

interface Touched<Set> {
  answers: Record<string, DraftAnswer>;
  fields: Partial<Set>;
}

const journalOf = (id: string) => `dudao.touched.${id}`;

function journal<Set>(id: string, touched: Touched<Set> | null): void {
  try {
    if (touched) localStorage.setItem(journalOf(id), JSON.stringify(touched));
    else localStorage.removeItem(journalOf(id));
  } catch {
    // Full or forbidden: the database alone has to do, and says for itself when it cannot.
  }
}

function journalled<Set>(id: string): Touched<Set> | null {
  try {
    return JSON.parse(localStorage.getItem(journalOf(id)) ?? "null") as Touched<Set> | null;
  } catch {
    return null; // forbidden, or cut short
  }
}

/** For a draft that is thrown away. */
export function forgetTouches(id: string): void {
  journal(id, null);
}

/** A keeper that writes the rest when the page is hidden, closed or left. */
export function useKeeper<Set extends object = Fields>(
  id: string,
  table?: ConstructorParameters<typeof Keeper<Set>>[1],
): Keeper<Set> {
  const keeper = new Keeper<Set>(id, table);
  const leave = () => void keeper.flush();
  const hidden = () => document.visibilityState === "hidden" && leave();
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", hidden);
  onScopeDispose(() => {
    leave();
    window.removeEventListener("pagehide", leave);
    document.removeEventListener("visibilitychange", hidden);
  });
  return keeper;
}

/** Without Vue's proxies, which the database cannot take. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
