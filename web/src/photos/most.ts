import type { InjectionKey, Ref } from "vue";

/** How many photos a report by this checklist may hold; null where nothing limits them. The page that fills one in provides it. */
export const PHOTO_MAX: InjectionKey<Readonly<Ref<number | null>>> = Symbol("photo maximum");
