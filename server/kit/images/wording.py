"""Text that a camera wrote, fit to be stored, shown and exported."""

import unicodedata

LONGEST = 64  # characters; the longest make or model known has 40


def cleaned(raw: bytes, problems: list[str]) -> str | None:
    """One line of at most 64 characters, or None for nothing left; adds `text-not-utf8`, `text-cleaned`.

    What is not UTF-8 is read as GB 18030 (Chinese editors write it), else with U+FFFD in place of what cannot be read.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        problems.append("text-not-utf8")
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            text = raw.decode(errors="replace")
    # Category C: controls, surrogates, unassigned, and the direction marks that turn a line of a report around.
    plain = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    line = " ".join(plain.split())
    if len(line) > LONGEST or len(plain) != len(text):
        problems.append("text-cleaned")
    return line[:LONGEST].rstrip() or None
