/** What is like a photo, and where the photo itself stands; asked again while the server still looks. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";
import { api, told } from "@/kit/api";
import type { Whole } from "@/kit/db";
import type { components } from "@/kit/wire";

export type Stands = Whole<components["schemas"]["StandsOut"]>;
export type Like = Whole<components["schemas"]["LikeOut"]>;
type Likeness = Whole<components["schemas"]["LikenessOut"]>;

const LOOKING_MS = 5000;

export function useLikeness(photo: () => string) {
  return useQuery({
    queryKey: computed(() => ["likeness", photo()]),
    queryFn: async () =>
      told(
        await api.GET("/api/v1/photos/{photo_id}/likeness", { params: { path: { photo_id: photo() } } }),
      ) as Likeness,
    refetchInterval: (query) => (query.state.data?.looked === false ? LOOKING_MS : false),
  });
}
