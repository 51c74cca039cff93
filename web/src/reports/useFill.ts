/** Everything the page of a draft works with: the draft as it is touched, its checklist, site, limits and photos. */
import { liveQuery } from "dexie";
import { computed, onScopeDispose, type Ref, ref, shallowRef } from "vue";
import { type Limits, limitsOf } from "@/checklists/limits";
import { type Checklist, type Draft, type DraftAnswer, db, type Photo, type Site } from "@/kit/db";
import { photosOf } from "@/photos";
import { type Fields, useKeeper } from "./keeping";
import { reckon } from "./reckon";

/** `isLeaving`: this page itself is taking the draft away. */
export function useFill(id: string, isLeaving: () => boolean) {
  const draft = ref(null) as Ref<Draft | null>;
  const checklist = shallowRef<Checklist | null>(null);
  const site = shallowRef<Site | null>(null);
  const photos = shallowRef<Photo[]>([]);
  const limits = shallowRef<Limits>({});
  const approved = ref(false); // it replaces an approved report, which wants a reason
  const loaded = ref(false);
  const keeper = useKeeper(id);

  async function load(): Promise<void> {
    const kept = await db.drafts.get(id);
    if (kept) {
      const { code, version } = kept.checklist;
      checklist.value = (await db.checklists.get([code, version])) ?? null;
      site.value = (await db.sites.get(kept.site_id)) ?? null;
      limits.value = await limitsOf(kept.site_id);
      approved.value = (await db.reports.get(id))?.state === "approved";
      photos.value = await photosOf(id);
      keeper.recover(kept);
      draft.value = kept;
    }
    loaded.value = true;
  }

  // Another tab may have the same draft open: what it keeps shows here, but for what is just being typed here.
  function hear(kept: Draft | undefined): void {
    if (!draft.value || isLeaving()) return;
    if (!kept) keeper.state.value = "gone";
    else if (!keeper.isPast(kept)) merge(draft.value, kept, (name) => keeper.holds(name));
  }

  const hearing = liveQuery(() => db.drafts.get(id)).subscribe(hear);
  const seeing = liveQuery(() => photosOf(id)).subscribe((now) => {
    if (draft.value) photos.value = now;
  });
  onScopeDispose(() => {
    hearing.unsubscribe();
    seeing.unsubscribe();
  });

  async function readPhotos(): Promise<void> {
    photos.value = await photosOf(id);
  }

  function answer(code: string, change: Partial<DraftAnswer>, typing: boolean): void {
    if (!draft.value) return;
    const whole: DraftAnswer = { value: null, ...draft.value.answers[code], ...change };
    draft.value.answers[code] = whole;
    keeper.answer(code, whole, typing);
  }

  function set(fields: Partial<Fields>, typing: boolean): void {
    if (!draft.value) return;
    Object.assign(draft.value, fields);
    keeper.set(fields, typing);
  }

  const reckoning = computed(() =>
    draft.value && checklist.value
      ? reckon(checklist.value, draft.value.answers, photos.value, limits.value)
      : null,
  );

  void load();
  return {
    draft,
    checklist,
    site,
    photos,
    limits,
    approved,
    loaded,
    keeper,
    reckoning,
    answer,
    set,
    readPhotos,
  };
}

/** Bring into the draft on the page what the database has of it, but what `isHeld` names. */
export function merge(shown: Draft, kept: Draft, isHeld: (name: string) => boolean): void {
  for (const [code, given] of Object.entries(kept.answers))
    if (!isHeld(code) && !same(shown.answers[code], given)) shown.answers[code] = given;
  for (const [name, value] of Object.entries(kept))
    if (name !== "answers" && !isHeld(name) && !same(shown[name as keyof Draft], value))
      Object.assign(shown, { [name]: value });
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
