/** Everything the page of such a draft works with: the draft as it is touched, its issue and its photos. */
import { liveQuery, type Table } from "dexie";
import { onScopeDispose, type Ref, ref, shallowRef } from "vue";
import { db, type Issue, type MoveDraft, type Photo } from "@/kit/db";
import { photosOf } from "@/photos";
import { useKeeper } from "@/reports/keeping";

type Said = Omit<MoveDraft, "id" | "kind" | "issue_id" | "touched_at">;
type Kept = Table<{ id: string; touched_at: string }, string>;

/** `isLeaving`: this page itself is taking the draft away. */
export function useMove(id: string, isLeaving: () => boolean) {
  const draft = ref(null) as Ref<MoveDraft | null>;
  const issue = shallowRef<Issue | null>(null);
  const photos = shallowRef<Photo[]>([]);
  const loaded = ref(false);
  const keeper = useKeeper<Said>(id, () => db.moves as unknown as Kept);

  async function load(): Promise<void> {
    const kept = await db.moves.get(id);
    if (kept) {
      issue.value = (await db.issues.get(kept.issue_id)) ?? null;
      photos.value = await photosOf(id);
      keeper.recover(kept);
      draft.value = kept;
    }
    loaded.value = true;
  }

  // Another tab may have it open too: what it keeps shows here, but for what is just being typed here.
  function hear(kept: MoveDraft | undefined): void {
    if (!draft.value || isLeaving()) return;
    if (!kept) keeper.state.value = "gone";
    else if (!keeper.isPast(kept))
      for (const [name, value] of Object.entries(kept))
        if (!keeper.holds(name)) Object.assign(draft.value, { [name]: value });
  }

  const hearing = [
    liveQuery(() => db.moves.get(id)).subscribe(hear),
    liveQuery(() => photosOf(id)).subscribe((now) => {
      photos.value = now;
    }),
    // How the issue stands may change under the hands: a colleague, or the sync, was faster.
    liveQuery(async () => db.issues.get((await db.moves.get(id))?.issue_id ?? "")).subscribe((now) => {
      if (now) issue.value = now;
    }),
  ];
  onScopeDispose(() => {
    for (const one of hearing) one.unsubscribe();
  });

  function set(fields: Partial<Said>, typing: boolean): void {
    if (!draft.value) return;
    Object.assign(draft.value, fields);
    keeper.set(fields, typing);
  }

  void load();
  return { draft, issue, photos, loaded, keeper, set };
}
