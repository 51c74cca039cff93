"""The flags that can stand on a photo or report: plain sentences about facts, never a judgement of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EXTENSION = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "image/heif": "heif",
    "image/avif": "avif",
}


@dataclass(frozen=True, slots=True)
class Words:
    """Title and detail of a flag in both languages; `{name}` in a detail is one of the flag's numbers."""

    zh: str
    en: str
    zh_detail: str
    en_detail: str


FLAGS: dict[str, Words] = {
    "seen-before": Words(
        "照片重复", "Seen before",
        "与另一张已提交的照片相同或极为相似。", "Equal or very close to a photo that was submitted before.",
    ),
    "outside-fence": Words(
        "不在项目范围内", "Outside the fence",
        "拍摄位置在项目范围之外，距边界约 {distance_m} 米。", "Taken about {distance_m} m outside the site's fence.",
    ),
    "no-position": Words(
        "没有位置", "No position", "没有可用的定位信息。", "No position came with it.",
    ),
    "position-mismatch": Words(
        "位置不一致", "Positions differ",
        "照片自带位置与手机上报位置相差约 {distance_m} 米。",
        "The photo's own position and the phone's are about {distance_m} m apart.",
    ),
    "datum-suspect": Words(
        "坐标系可疑", "Datum in doubt",
        "位置偏差约 {distance_m} 米，与未声明的火星坐标偏移相符。",
        "Off by about {distance_m} m, as an undeclared GCJ-02 position would be.",
    ),
    "impossible-travel": Words(
        "行程过快", "Travel too fast",
        "与上一处相距约 {distance_m} 米，间隔仅 {minutes} 分钟。",
        "About {distance_m} m from the place before, only {minutes} minutes later.",
    ),
    "time-mismatch": Words(
        "时间不一致", "Times differ",
        "照片自带时间与上报的拍摄时间相差约 {minutes} 分钟。",
        "The photo's own time and the reported one are about {minutes} minutes apart.",
    ),
    "clock-skew": Words(
        "手机时钟不准", "Clock is off",
        "手机时钟与服务器相差约 {minutes} 分钟。", "The phone's clock is about {minutes} minutes off.",
    ),
    "no-exif": Words(
        "没有拍摄信息", "No EXIF", "照片中没有相机写入的信息。", "The photo holds no data of a camera.",
    ),
    "edited": Words(
        "可能经过编辑", "Possibly edited",
        "照片信息显示曾由其他软件保存。", "The photo's data names a program that saved it.",
    ),
    "unreadable": Words(
        "照片损坏", "Unreadable",
        "字节与手机发送的一致，但图片已损坏，无法完整显示。",
        "The bytes are those the phone sent, but the picture is damaged and cannot be shown in full.",
    ),
    "from-gallery": Words(
        "来自相册", "From the gallery",
        "照片选自相册，并非现场拍摄。", "Chosen from the gallery, not taken with the camera there and then.",
    ),
}


class _Numbers(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def words(code: str, numbers: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Title and detail of a flag in `zh` or `en`."""
    found = FLAGS[code]
    title, detail = (found.zh, found.zh_detail) if language == "zh" else (found.en, found.en_detail)
    return title, detail.format_map(_Numbers(numbers))
