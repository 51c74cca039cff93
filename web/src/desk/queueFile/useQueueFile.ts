/** A file of a broken phone, from choosing it to the last receipt. */
import { computed, ref, shallowRef } from "vue";
import { delayMs } from "@/outbox/backoff";
import { FileError, type Header, open } from "@/outbox/packed";
import { sendOnce } from "@/outbox/sender";
import { judge } from "@/outbox/verdict";
import { type Guest, signInGuest } from "./guest";
import { type Held, held, isOpen, ledgerOf, sentOf, sizeOf } from "./held";

// After so many, a person has to say "again".
const CUTS = 4; // of the line, in a row, that brought nothing
const TRIES = 4; // of one report

export function useQueueFile() {
  const about = shallowRef<{ name: string; made_at: string; person: NonNullable<Header["person"]> } | null>(
    null,
  );
  const items = ref<Held[]>([]);
  const checked = ref<{ done: number; all: number } | null>(null); // while a file is looked through
  const guest = shallowRef<Guest | null>(null);
  const sending = ref(false);
  const expired = ref(false); // the server no longer knew the inspector's sign-in
  const paused = ref(false); // between two tries: no line, or the server asked to wait
  const ledger = ledgerOf(() => items.value);
  let running: AbortController | null = null;

  const total = computed(() =>
    items.value.filter((one) => !one.damaged).reduce((sum, one) => sum + sizeOf(one.row), 0),
  );
  const sent = computed(() => items.value.reduce((sum, one) => sum + sentOf(one), 0));
  const received = computed(() => items.value.filter((one) => one.row.state === "received").length);
  const open_ = computed(() => items.value.filter(isOpen).length);

  /** Look through a file; throws FileError where it cannot be used at all. */
  async function choose(file: File): Promise<void> {
    await leave();
    about.value = null;
    items.value = [];
    const opened = await open(file);
    const { person, reports, made_at } = opened.header;
    if (!person) throw new FileError("nobody");
    checked.value = { done: 0, all: reports.length };
    const found: Held[] = [];
    for (const row of reports) {
      found.push(await held(opened, row));
      checked.value = { done: found.length, all: reports.length };
    }
    items.value = found;
    about.value = { name: file.name, made_at, person };
    checked.value = null;
  }

  /** Only the inspector whose file it is may send it; another's sign-in ends at once. */
  async function signIn(username: string, password: string): Promise<void> {
    const person = about.value?.person;
    if (!person) return;
    const come = await signInGuest(username, password);
    if (come.person.id !== person.id) {
      await come.signOut();
      throw new FileError("otherPerson", come.person.name);
    }
    guest.value = come;
    expired.value = false;
    again();
  }

  async function send(): Promise<void> {
    if (sending.value || !guest.value) return;
    sending.value = true;
    running = new AbortController();
    try {
      await sendAll(guest.value, running.signal);
    } finally {
      sending.value = paused.value = false;
      running = null;
    }
    if (!open_.value && items.value.every((one) => one.damaged || one.row.state === "received"))
      await leave();
  }

  /** Least tried first, so that one which always breaks the line, or is always put off, lets the others pass. */
  async function sendAll(by: Guest, signal: AbortSignal): Promise<void> {
    for (let cuts = 0; cuts < CUTS && !signal.aborted; ) {
      const due = items.value
        .filter((one) => isOpen(one) && one.row.tries < TRIES)
        .sort((one, other) => one.row.tries - other.row.tries)[0];
      if (!due) return;
      const { tries } = due.row;
      const { means, moved, retryAfter } = await attempt(due, by, signal);
      if (means === "signIn") {
        guest.value = null;
        expired.value = true;
        return;
      }
      cuts = means === "line" && !moved ? cuts + 1 : 0;
      // Each has its turn before anything is waited for, unless there is no line for any of them.
      if (means === "line" || (means === "later" && (tries > 0 || open_.value === 1)))
        await pause(Math.max(delayMs(tries), (retryAfter ?? 0) * 1000), signal);
    }
  }

  async function attempt(one: Held, { signer }: Guest, signal: AbortSignal) {
    const row = { ...one.row };
    const before = sentOf(one);
    try {
      await sendOnce(row, { signal, signer, ledger, photosMayGo: async () => true });
      return { means: "received" as const, moved: true, retryAfter: null };
    } catch (error) {
      const { means, problem, retryAfter } = judge(error, signer);
      const moved = sentOf(one) > before;
      const back = one.row.state === "sending" ? ({ state: "waiting" } as const) : {};
      const tries = moved ? row.tries : row.tries + 1;
      await ledger.amend(
        row,
        means === "refused" ? { state: "refused", problem } : { ...back, problem, tries },
      );
      return { means, moved, retryAfter };
    }
  }

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    paused.value = true;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      const end = () => {
        clearTimeout(timer);
        done();
      };
      signal.addEventListener("abort", end);
      addEventListener("online", end, { once: true });
    });
    paused.value = false;
  }

  /** Once more, with what was refused too: somebody may have mended the reason. */
  function again(): void {
    for (const one of items.value) {
      if (one.damaged || one.row.state === "received") continue;
      Object.assign(one.row, { state: "waiting", tries: 0, problem: null });
      for (const photo of one.photos) if (photo.state === "refused") photo.state = "kept";
    }
    void send();
  }

  /** The inspector's sign-in ends; what is not sent stays in the file. */
  async function leave(): Promise<void> {
    running?.abort();
    const going = guest.value;
    guest.value = null;
    await going?.signOut();
  }

  return {
    about,
    items,
    checked,
    guest,
    expired,
    sending,
    paused,
    total,
    sent,
    received,
    choose,
    signIn,
    again,
    leave,
  };
}
