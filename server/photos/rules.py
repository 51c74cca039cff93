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
        "没有位置", "No position",
        "没有可用的定位信息；{photos} 张照片中有位置的 {with_position} 张。",
        "No position came with it; photos that have one: {with_position} of {photos}.",
    ),
    "position-mismatch": Words(
        "位置不一致", "Positions differ",
        "照片自带位置与手机上报位置相差约 {distance_m} 米。",
        "The photo's own position and the phone's are about {distance_m} m apart.",
    ),
    "datum-suspect": Words(
        "坐标系可疑", "Datum in doubt",
        "位置偏差约 {distance_m} 米，与坐标系 {system} 的偏移（此处约 {offset_m} 米）相符。",
        "Off by about {distance_m} m, as a mix-up with {system} would be (about {offset_m} m here).",
    ),
    "impossible-travel": Words(
        "行程过快", "Travel too fast",
        "与同一手机的上一处位置相距约 {distance_m} 米，间隔仅 {minutes} 分钟（时速约 {speed_kmh} 公里）。",
        "About {distance_m} m from this phone's place before, only {minutes} minutes later ({speed_kmh} km/h).",
    ),
    "time-mismatch": Words(
        "时间不一致", "Times differ",
        "照片自带时间与上报的拍摄时间相差约 {minutes} 分钟。",
        "The photo's own time and the reported one are about {minutes} minutes apart.",
    ),
    "time-order": Words(
        "时间顺序不符", "Times out of order",
        "{event}时刻晚于{against}时刻约 {minutes} 分钟。", "{event} about {minutes} minutes after it was {against}.",
    ),
    "outside-visit": Words(
        "不在检查时段内", "Outside the visit",
        "拍摄时间在检查{side}约 {minutes} 分钟。", "Taken about {minutes} minutes {side} the visit.",
    ),
    "clock-skew": Words(
        "手机时钟不准", "Clock is off",
        "手机时钟比服务器{ahead}约 {minutes} 分钟；其他时间已按此校正后比对。",
        "The phone's clock is about {minutes} minutes {ahead}; its times are compared as put right by that.",
    ),
    "no-exif": Words(
        "没有拍摄信息", "No EXIF",
        "{photos} 张照片中有 {without} 张没有相机写入的信息。", "Without data of a camera: {without} of {photos}.",
    ),
    "screenshot": Words(
        "可能是截屏", "Possibly a screenshot",
        "{width}×{height} 像素是手机屏幕的尺寸，且没有相机写入的信息。",
        "{width}×{height} pixels are a phone's screen, and no camera wrote anything into it.",
    ),
    "messenger-copy": Words(
        "可能经聊天软件转发", "Possibly a messenger's copy",
        "{width}×{height} 像素是聊天软件压缩后的尺寸，且没有相机写入的信息。",
        "{width}×{height} pixels are what messengers shrink photos to, and no camera wrote anything into it.",
    ),
    "edited": Words(
        "可能经过编辑", "Possibly edited",
        "照片信息显示曾由“{software}”保存。", "The photo's data names a program that saved it: {software}.",
    ),
    "unreadable": Words(
        "照片损坏", "Unreadable",
        "字节与手机发送的一致，但图片已损坏，无法完整显示。",
        "The bytes are those the phone sent, but the picture is damaged and cannot be shown in full.",
    ),
    "from-gallery": Words(
        "来自相册", "From the gallery",
        "照片选自相册，并非现场拍摄；本次 {photos} 张照片中有 {chosen} 张。",
        "Chosen from the gallery, not taken with the camera there and then; {chosen} of the report's {photos} photos are.",
    ),
}
# What a number that is a word is called in a detail: (zh, en).
SAID: dict[str, dict[Any, tuple[str, str]]] = {
    "event": {"finished": ("检查结束", "Finished"), "captured": ("拍摄", "Taken")},
    "against": {"sent": ("发送", "sent"), "received": ("收到", "received")},
    "side": {"before": ("开始前", "before"), "after": ("结束后", "after")},
    "ahead": {True: ("快", "ahead"), False: ("慢", "behind")},
    "system": {"gcj02": ("GCJ-02（火星坐标）", "GCJ-02"), "bd09": ("BD-09（百度坐标）", "BD-09")},
}


class _Numbers(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def words(code: str, numbers: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Title and detail of a flag in `zh` or `en`."""
    found = FLAGS[code]
    title, detail = (found.zh, found.zh_detail) if language == "zh" else (found.en, found.en_detail)
    said = {
        name: SAID[name][value][0 if language == "zh" else 1] if name in SAID and value in SAID[name] else value
        for name, value in numbers.items()
    }
    return title, detail.format_map(_Numbers(said))
