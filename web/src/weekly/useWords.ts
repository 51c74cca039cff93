/** The office's words of one week at the desk: typed here, saved by themselves, and never left behind without a question. */
import { useQueryClient } from "@tanstack/vue-query";
import { ElMessageBox } from "element-plus";
import "element-plus/es/components/message-box/style/css";
import { computed, onBeforeUnmount, onMounted, type Ref, shallowRef, triggerRef, watch } from "vue";
import { useI18n } from "vue-i18n";
import { onBeforeRouteLeave, onBeforeRouteUpdate } from "vue-router";
import { useFailure } from "@/desk/failure";
import { api, NoLineError, RefusedError, told } from "@/kit/api";
import { inLanguage } from "@/outbox/bilingual";
import type { Block, Words } from "./blocks";
import { type Change, changed, settled, takenBack, typedIn, whyRefused } from "./merging";
import { type Outcome, Saver } from "./saver";
import { readWeek, type WeeklyOne } from "./useWeekly";

export function useWords(id: Ref<string>, weekly: Ref<WeeklyOne | undefined>) {
  const { t } = useI18n();
  const failure = useFailure();
  const client = useQueryClient();
  const saver = shallowRef<Saver | null>(null);
  const show = (one: Saver) => one === saver.value && triggerRef(saver);

  function keep(one: WeeklyOne): WeeklyOne {
    client.setQueryData(["weekly", one.id], one);
    return one;
  }

  async function send(of: string, change: Change): Promise<Outcome> {
    const path = { weekly_id: of };
    try {
      const answer = await api.PATCH("/api/v1/weekly-reports/{weekly_id}", {
        params: { path },
        body: change,
      });
      return { kind: "saved", kept: keep(told(answer) as WeeklyOne) };
    } catch (error) {
      if (error instanceof RefusedError && error.code === "weekly-changed")
        return { kind: "stale", kept: keep(await readWeek(of)) };
      if (error instanceof RefusedError && error.code === "weekly-frozen") {
        void client.invalidateQueries({ queryKey: ["weekly", of] });
        return { kind: "frozen" };
      }
      const why = failure(error).what;
      if (error instanceof NoLineError || !(error instanceof RefusedError) || isForNow(error.status))
        return { kind: "away", why };
      const errors = Object.entries(error.errors).map(([field, text]) => [
        field,
        [text].flat().map(String).map(inLanguage).join("；"),
      ]);
      return { kind: "refused", errors: Object.fromEntries(errors), why };
    }
  }

  watch(
    weekly,
    (one, before) => {
      if (one?.id !== before?.id) {
        saver.value?.stop();
        saver.value = null;
      }
      if (!one) return;
      if (saver.value) saver.value.hear(one);
      else saver.value = new Saver(one, (change) => send(one.id, change), show);
      if (one.frozen_at) saver.value.freeze();
    },
    { immediate: true },
  );

  const flush = () => void saver.value?.flush();
  function warn(event: BeforeUnloadEvent) {
    if (!saver.value?.unsaved) return;
    flush();
    event.preventDefault();
  }
  onMounted(() => {
    addEventListener("beforeunload", warn);
    addEventListener("online", flush);
  });
  onBeforeUnmount(() => {
    removeEventListener("beforeunload", warn);
    removeEventListener("online", flush);
    saver.value?.stop();
  });

  /** Whether the page may be left: everything is saved, or somebody said that it may be lost. */
  async function mayLeave(): Promise<boolean> {
    await saver.value?.flush();
    if (!saver.value?.unsaved) return true;
    const words = {
      type: "warning" as const,
      confirmButtonText: t("weekly.leave"),
      cancelButtonText: t("weekly.stay"),
    };
    return (
      (await ElMessageBox.confirm(t("weekly.leaveSure"), t("weekly.words"), words).catch(() => null)) !== null
    );
  }
  onBeforeRouteLeave(mayLeave);
  onBeforeRouteUpdate((to) => to.params.id === id.value || mayLeave());

  return {
    saver,
    sheet: computed(() => saver.value?.sheet ?? null),
    standing: computed(() => saver.value?.standing ?? "saved"),
    unsaved: computed(() => (saver.value ? changed(saver.value.sheet) : [])),
    why: computed(() => saver.value?.why ?? ""),
    whyRefused: (block: Block) => (saver.value ? whyRefused(saver.value.sheet, block) : null),
    type: <B extends Block>(block: B, value: Words[B]) =>
      saver.value?.change((sheet) => typedIn(sheet, block, value)),
    takeBack: (block: Block) => saver.value?.change((sheet) => takenBack(sheet, block)),
    settle: (block: Block, take: "mine" | "theirs") =>
      saver.value?.change((sheet) => settled(sheet, block, take)),
    flush: async () => saver.value?.flush(),
  };
}

export type Desk = ReturnType<typeof useWords>;

/** A refusal that passes: signed out meanwhile, too many requests, a server that is away. */
const isForNow = (status: number) => status === 401 || status === 429 || status >= 500;
