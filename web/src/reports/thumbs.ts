/** Small pictures of photos that are no longer on this phone. */
import { api } from "@/kit/api";
import { db } from "@/kit/db";
import { isPicture } from "@/photos/media";

/** Fetch those of a report, where there is a line; it can be put right without them. */
export async function fetchThumbs(reportId: string): Promise<void> {
  try {
    const bare = (await db.photos.where("report_id").equals(reportId).toArray()).filter(
      (one) => !one.here && !one.thumb,
    );
    for (const { id } of bare) {
      const params = { path: { photo_id: id } };
      const { data } = await api.GET("/api/v1/photos/{photo_id}/thumb", { params, parseAs: "blob" });
      const thumb = data as unknown as Blob | undefined;
      if (isPicture(thumb)) await db.photos.update(id, { thumb });
    }
  } catch {
    // No line: no small pictures.
  }
}
