/** The smaller build of exifr (JPEG and HEIC), which comes without types of its own. */
declare module "exifr/dist/lite.esm.mjs" {
  export { parse } from "exifr";
}
