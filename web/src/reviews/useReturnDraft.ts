import { type Ref, ref, watch } from "vue";
import { session } from "@/accounts/session";
import { keepReturn, type ReturnDraft, recallReturn } from "./drafts";

/** The comments that are being written on a report, kept at each key. */
export function useReturnDraft(id: Ref<string>) {
  const person = session.value?.user.id ?? "";
  const draft = ref<ReturnDraft>(recallReturn(person, id.value));
  watch(id, (next) => {
    draft.value = recallReturn(person, next);
  });
  const keep = (change: ReturnDraft) => {
    draft.value = change;
    keepReturn(person, id.value, change);
  };
  return {
    draft,
    comment: (text: string) => keep({ ...draft.value, comment: text }),
    item: (code: string, text: string) =>
      keep({ ...draft.value, items: { ...draft.value.items, [code]: text } }),
  };
}
