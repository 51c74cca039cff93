/** The policy that holds, and what somebody has typed over it: saved as a whole, kept when somebody else was quicker. */
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, ref } from "vue";
import { api, RefusedError, told } from "@/kit/api";
import type { components } from "@/kit/wire";
import { bodyOf, type Edits, type Policy, same, type Value, valueAt } from "./policyFields";

export interface Told {
  field: string;
  before: Value;
  after: Value;
  at: string;
  by: string | null;
}

export function usePolicy() {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ["policy"],
    queryFn: async () => told(await api.GET("/api/v1/programme/policy")) as Policy,
    refetchOnWindowFocus: false, // what is shown is what the edits were made upon
  });
  const edits = ref<Edits>({});
  const errors = ref<Record<string, string[]>>({});
  const stale = ref<Told[]>([]);
  const saved = ref(false);
  const busy = ref(false);
  const failure = ref<unknown>(null);
  const count = computed(() => Object.keys(edits.value).length);

  function edit(path: string, value: Value | null) {
    const policy = query.data.value;
    if (!policy) return;
    const isOwn = policy.set.includes(path);
    const asItIs = value === null ? !isOwn : same(value, valueAt(policy, path));
    const { [path]: _before, ...others } = edits.value;
    edits.value = asItIs ? others : { ...others, [path]: value };
    const { [path]: _mended, ...left } = errors.value;
    errors.value = left;
    saved.value = false;
  }

  /** What the form shows: what was typed, else what holds. */
  function shown(path: string): Value {
    const policy = query.data.value as Policy;
    const value = edits.value[path];
    if (value === undefined) return valueAt(policy, path);
    return value === null ? valueAt(policy.defaults, path) : value;
  }

  function discard() {
    edits.value = {};
    errors.value = {};
    stale.value = [];
    failure.value = null;
  }

  async function save() {
    const policy = query.data.value;
    if (!policy || !count.value) return;
    busy.value = true;
    failure.value = null;
    stale.value = [];
    try {
      const body = bodyOf(edits.value, policy.version) as components["schemas"]["PolicyPatchIn"];
      const result = await api.PATCH("/api/v1/programme/policy", { body });
      if (result.response.status === 409) await beLate(result.error);
      else {
        client.setQueryData(["policy"], told(result));
        edits.value = {};
        saved.value = true;
      }
      client.invalidateQueries({ queryKey: ["policy-changes"] });
    } catch (error) {
      if (error instanceof RefusedError && error.status === 422) errors.value = error.errors;
      else failure.value = error;
    } finally {
      busy.value = false;
    }
  }

  /** Somebody else was quicker: show what they made of it, with what was typed still on top. */
  async function beLate(problem: unknown) {
    await query.refetch();
    stale.value = (problem as { changes?: Told[] } | undefined)?.changes ?? [];
    for (const [path, value] of Object.entries(edits.value)) edit(path, value); // theirs may be the same
  }

  return { query, edits, errors, stale, saved, busy, failure, count, edit, shown, discard, save };
}
