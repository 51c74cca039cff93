/** Everything the page of a draft works with: the draft as it is touched, its checklist, site, limits and photos. */
import { computed, type Ref, ref, shallowRef } from "vue";
import { type Limits, limitsOf } from "@/checklists/limits";
import { type Checklist, type Draft, type DraftAnswer, db, type Photo, type Site } from "@/kit/db";
import { photosOf } from "@/photos";
import { type Fields, recoverTouches, useKeeper } from "./keeping";
import { reckon } from "./reckon";

export function useFill(id: string) {
  const draft = ref(null) as Ref<Draft | null>;
  const checklist = shallowRef<Checklist | null>(null);
  const site = shallowRef<Site | null>(null);
  const photos = shallowRef<Photo[]>([]);
  const limits = shallowRef<Limits>({});
  const approved = ref(false); // it replaces an approved report, which wants a reason
  const loaded = ref(false);
  const keeper = useKeeper(id);

  async function load(): Promise<void> {
    await recoverTouches(id);
    const kept = await db.drafts.get(id);
    if (kept) {
      const { code, version } = kept.checklist;
      checklist.value = (await db.checklists.get([code, version])) ?? null;
      site.value = (await db.sites.get(kept.site_id)) ?? null;
      limits.value = await limitsOf(kept.site_id);
      approved.value = (await db.reports.get(id))?.state === "approved";
      photos.value = await photosOf(id);
      draft.value = kept;
    }
    loaded.value = true;
  }

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
