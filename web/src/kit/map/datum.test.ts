import { expect, test } from "vitest";
import { distance } from "@/kit/geo";
import { placeOn } from "./datum";

const TAIYUAN = { lat: 37.86, lng: 112.55 };

test("on tiles in WGS-84 nothing is moved", () => {
  expect(placeOn("wgs84")(TAIYUAN)).toMatchObject(TAIYUAN);
});

test("on tiles in GCJ-02 a point of Taiyuan is drawn some hundred metres away, as the server reckons it", () => {
  const { lat, lng } = placeOn("gcj02")(TAIYUAN);
  expect(distance(TAIYUAN, { lat, lng })).toBeGreaterThan(300);
  // server/kit/geo/datums.py gives the same to a metre
  expect(lat).toBeCloseTo(37.860525, 5);
  expect(lng).toBeCloseTo(112.556295, 5);
});
