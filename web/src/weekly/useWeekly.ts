import { useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";
import type { Weekly } from "@/desk/types";
import { usePages } from "@/desk/usePages";
import { api, told } from "@/kit/api";
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";
import type { Words } from "./blocks";
import type { Figures } from "./figures";

type Schemas = components["schemas"];
/** One report with the office's words and how its mails fare. */
export type WeeklyOne = Omit<Whole<Schemas["WeeklyOneOut"]>, "words"> & { words: Words };
export type Mail = WeeklyOne["mails"][number];
export type Recipient = Whole<Schemas["RecipientOut"]>;

const BEAT = 1500;
const MAIL_BEAT = 4000;
const underWay = (one: Weekly | undefined) => one?.state === "queued" || one?.state === "running";
const isOpen = (mail: Mail) => mail.state === "waiting" || mail.state === "sending";

/** The weekly reports; while one is being made, its progress is asked for. */
export function useWeeklies() {
  return usePages<Weekly>({
    key: ["weekly"],
    limit: 50,
    every: (rows) => (rows.some(underWay) ? BEAT : false),
    ask: async (page) => told(await api.GET("/api/v1/weekly-reports", { params: { query: page } })),
  });
}

export async function readWeek(weekly_id: string): Promise<WeeklyOne> {
  return told(
    await api.GET("/api/v1/weekly-reports/{weekly_id}", { params: { path: { weekly_id } } }),
  ) as WeeklyOne;
}

export function useWeek(id: Ref<string>) {
  const weekly = useQuery({
    queryKey: ["weekly", id],
    refetchInterval: ({ state: { data } }) => {
      if (underWay(data)) return BEAT;
      return data?.mails.some(isOpen) ? MAIL_BEAT : false;
    },
    queryFn: () => readWeek(id.value),
  });
  const figures = useQuery({
    queryKey: ["weekly", id, computed(() => weekly.data.value?.figures_digest)],
    enabled: computed(() => !!weekly.data.value?.figures_digest),
    staleTime: Number.POSITIVE_INFINITY, // the digest names them
    queryFn: async () => {
      const params = { path: { weekly_id: id.value } };
      return told(
        await api.GET("/api/v1/weekly-reports/{weekly_id}/figures", { params }),
      ) as unknown as Figures;
    },
  });
  return { weekly, figures };
}

export async function askFor(iso_year: number, iso_week: number, district: string | null): Promise<Weekly> {
  return told(await api.POST("/api/v1/weekly-reports", { body: { iso_year, iso_week, district } })) as Weekly;
}

export async function freeze(weekly_id: string): Promise<WeeklyOne> {
  const params = { path: { weekly_id } };
  return told(await api.POST("/api/v1/weekly-reports/{weekly_id}/freeze", { params })) as WeeklyOne;
}

export async function sendOut(weekly_id: string): Promise<WeeklyOne> {
  const params = { path: { weekly_id } };
  return told(await api.POST("/api/v1/weekly-reports/{weekly_id}/sending", { params })) as WeeklyOne;
}

const scoped = (district: string) => ({ params: { query: district ? { district } : {} } });

/** Whom the reports of the city (an empty code), or of a district, are mailed to. */
export function useRecipients(district: Ref<string>, enabled: Ref<boolean>) {
  return useQuery({
    queryKey: ["weekly-recipients", district],
    enabled,
    queryFn: async () =>
      told(await api.GET("/api/v1/weekly-recipients", scoped(district.value))).recipients as Recipient[],
  });
}

export async function putRecipients(district: string, recipients: Recipient[]): Promise<Recipient[]> {
  const options = { ...scoped(district), body: { recipients } };
  return told(await api.PUT("/api/v1/weekly-recipients", options)).recipients as Recipient[];
}
