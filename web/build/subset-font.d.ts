declare module "subset-font" {
  export default function subset(
    font: Buffer,
    letters: string,
    how: { targetFormat: "woff2" },
  ): Promise<Buffer>;
}
