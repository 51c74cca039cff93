/** What other features may use of photos. */
export { dropPhotos, photosOf, removePhoto } from "./kept";
