/** A small checklist with an item of each kind, a draft by it, and photos: what the tests of this folder share. */
import type { Checklist, Draft, Item, Photo } from "@/kit/db";

const item = (code: string, more: Partial<Item>): Item => ({
  code,
  zh: code,
  en: code,
  type: "pass_fail_na",
  severity: "major",
  photo: "none",
  ...more,
});

export const checklist: Checklist = {
  code: "T",
  version: 1,
  zh: "表",
  en: "List",
  estimated_minutes: 5,
  sections: [
    {
      code: "T-A",
      zh: "甲",
      en: "A",
      items: [item("T-A01", { photo: "on_fail" }), item("T-A02", {}), item("T-A03", { type: "text" })],
    },
    {
      code: "T-B",
      zh: "乙",
      en: "B",
      items: [
        item("T-B01", { type: "number", min: 3, max: 5, photo: "on_fail" }),
        item("T-B02", { type: "number", limit_source: "design", min: 0, max: 100 }),
        item("T-B03", { type: "photo", photo: "always" }),
        item("T-B04", {
          type: "choice",
          options: [
            { value: "ok", zh: "", en: "" },
            { value: "bad", zh: "", en: "", fails: true },
          ],
        }),
      ],
    },
  ],
};

export function draft(more: Partial<Draft> = {}): Draft {
  return {
    id: "0192f0c0-0000-7000-8000-000000000001",
    revision: 1,
    site_id: "0192f0c0-0000-7000-8000-0000000000aa",
    checklist: { code: "T", version: 1 },
    visit: "unannounced",
    started_at: "2026-11-20T01:12:00.000Z",
    touched_at: "2026-11-20T01:12:00.000Z",
    answers: {},
    summary: "",
    position: { lat: 37.87, lng: 112.55, accuracy_m: 12, captured_at: "2026-11-20T01:12:03.000Z" },
    location_reason: "",
    outside_reason: "",
    correction_reason: "",
    returned: null,
    ...more,
  };
}

/** The ids of the photos in golden.json. */
export const photoId = (number: number) => `0192f0c0-0000-7000-8000-0000000000f${number}`;

export function photo(id: string, onItem: string | null, more: Partial<Photo> = {}): Photo {
  return {
    id,
    report_id: "0192f0c0-0000-7000-8000-000000000001",
    item: onItem,
    here: true,
    thumb: null,
    sha256: "ab".repeat(32),
    size: 3_145_728,
    media_type: "image/jpeg",
    captured_at: "2026-11-20T01:30:00.000Z",
    source: "camera",
    caption: "",
    position: null,
    state: "kept",
    sent: 0,
    upload_url: null,
    problem: null,
    ...more,
  };
}
