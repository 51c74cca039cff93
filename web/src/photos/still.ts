/** A still picture from a live camera: the camera's own, as large as it gives it, else what the video shows. */
const PATIENCE_MS = 6000;

/** Not in TypeScript's own list: few browsers have it. */
type Capture = new (track: MediaStreamTrack) => { takePhoto: () => Promise<Blob> };

export async function stillOf(stream: MediaStream, video: HTMLVideoElement): Promise<Blob> {
  const [track] = stream.getVideoTracks();
  const ImageCapture = (globalThis as { ImageCapture?: Capture }).ImageCapture;
  if (track && ImageCapture) {
    const picture = await inTime(new ImageCapture(track).takePhoto()).catch(() => null);
    if (picture?.size) return picture;
  }
  return drawn(video);
}

/** Some cameras never answer. */
function inTime<T>(work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), PATIENCE_MS));
  return Promise.race([work, late]);
}

async function drawn(video: HTMLVideoElement): Promise<Blob> {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width || !height) throw new Error("the camera shows nothing");
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.drawImage(video, 0, 0, width, height);
  const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
  if (!picture) throw new Error("no picture could be made");
  return picture;
}
