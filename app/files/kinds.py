"""What bytes are, told by themselves: whoever sends a file may claim anything; and a name that is safe anywhere."""

from __future__ import annotations

import unicodedata
import zipfile
from io import BytesIO

UNKNOWN = "application/octet-stream"
PROGRAM = "application/x-msdownload"
HTML, SVG = "text/html", "image/svg+xml"
OFFICE = "application/vnd.openxmlformats-officedocument"
LONGEST_NAME = 200
# Where the list of a packed file ends, and how many bytes of it are read: half a million names would fill the memory.
LIST_END, LONGEST_LIST = b"PK\x05\x06", 1024 * 1024

BEGINNINGS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBPVP8", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"MZ", PROGRAM),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"#!", "text/x-shellscript"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (8, b"WAVEfmt ", "audio/wav"),
    (8, b"AVI LIST", "video/x-msvideo"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"AC10", "image/vnd.dwg"),
    (0, b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
)
# The major brand of an ISO container; anything else of that family is a film.
BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"heim": "image/heic", b"heis": "image/heic",
    b"hevc": "image/heic", b"mif1": "image/heic", b"msf1": "image/heic", b"avif": "image/avif",
    b"avis": "image/avif", b"qt  ": "video/quicktime", b"M4A ": "audio/mp4",
}  # fmt: skip
# What a packed document has inside.
PACKED = (
    ("word/", f"{OFFICE}.wordprocessingml.document"),
    ("xl/", f"{OFFICE}.spreadsheetml.sheet"),
    ("ppt/", f"{OFFICE}.presentationml.presentation"),
    ("META-INF/MANIFEST.MF", "application/java-archive"),
    ("AndroidManifest.xml", "application/vnd.android.package-archive"),
)
# What these begin with, without regard to case, in a text.
MARKUP = (
    ("<!doctype html", HTML), ("<html", HTML), ("<head", HTML), ("<body", HTML), ("<script", HTML),
    ("<iframe", HTML), ("<svg", SVG), ("<!doctype svg", SVG),
)  # fmt: skip
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/avif", "image/gif", "image/bmp")
# Told by the name only to warn: these run, or show pages of their own, where somebody opens them.
RISKY_ENDINGS = frozenset((
    "exe", "com", "scr", "msi", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "cpl", "jar",
    "apk", "app", "dmg", "sh", "py", "php", "lnk", "reg", "html", "htm", "xhtml", "shtml", "svg", "svgz", "mht",
    "mhtml", "xml", "xsl", "docm", "xlsm", "pptm", "iso", "img", "chm",
))  # fmt: skip
RISKY_KINDS = frozenset(
    (PROGRAM, "application/x-executable", "text/x-shellscript", "application/java-archive", HTML, SVG,
     "application/vnd.android.package-archive", "application/x-ms-shortcut")
)  # fmt: skip


def type_of(data: bytes) -> str:
    """What the bytes are; what is unknown is only ever downloaded."""
    found = next((kind for at, mark, kind in BEGINNINGS if data.startswith(mark, at)), "")
    if found == "image/bmp" and data[6:10] != b"\x00\x00\x00\x00":
        found = ""
    if data[4:8] == b"ftyp":
        found = BRANDS.get(data[8:12], "video/mp4")
    if data.startswith(b"PK\x03\x04"):
        found = _packed(data)
    return found or _text(data)


def _packed(data: bytes) -> str:
    """Only the list of names is read, if it is of a decent size: nothing is unpacked."""
    end = data.rfind(LIST_END, max(0, len(data) - 66_000))
    if end < 0 or int.from_bytes(data[end + 12 : end + 16], "little") > LONGEST_LIST:
        return "application/zip"
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()[:2000]
            told = archive.getinfo("mimetype") if "mimetype" in names else None
            if told and told.file_size < 100 and told.compress_type == zipfile.ZIP_STORED:
                said = archive.read("mimetype").decode("ascii", "replace")
                if said.startswith("application/vnd.oasis.opendocument."):
                    return said[:100]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError):
        return "application/zip"
    return next((kind for name, kind in PACKED if any(one.startswith(name) for one in names)), "application/zip")


def _text(data: bytes) -> str:
    """Text without control characters, in UTF-8 or windows-1251; pages and drawings among it are told apart."""
    beginning = data[:4096]
    if b"\x00" in beginning or any(byte < 9 or 13 < byte < 32 for byte in beginning if byte != 27):
        return UNKNOWN
    text = beginning.decode("utf-8-sig", "ignore").lstrip().lower()
    plain = _past_prologue(text)
    kind = next((kind for mark, kind in MARKUP if plain.startswith(mark)), "")
    if not kind and ("<script" in text or "<html" in text or "<svg" in text):
        kind = SVG if "<svg" in text else HTML
    if kind:
        return kind
    if text.startswith("<?xml"):
        return "text/xml"
    for mark, known in (("begin:vcard", "text/vcard"), ("begin:vcalendar", "text/calendar")):
        if text.startswith(mark):
            return known
    return "text/plain"


def _past_prologue(text: str) -> str:
    """A page may begin with a declaration and comments."""
    for _step in range(20):
        if text.startswith("<?"):
            text = text.partition("?>")[2].lstrip()
        elif text.startswith("<!--"):
            text = text.partition("-->")[2].lstrip()
        else:
            break
    return text


def served_type(kind: str) -> str:
    """As what it is given out: nothing that a browser might run keeps its type, attachment or not."""
    is_safe = kind in PICTURES or kind.startswith(("audio/", "video/")) or kind in (
        "application/pdf", "application/zip", "text/plain", "text/vcard", "text/calendar", "application/rtf",
    )  # fmt: skip
    return kind if is_safe or kind.startswith((OFFICE, "application/vnd.oasis.opendocument.")) else UNKNOWN


def is_risky(kind: str, name: str) -> bool:
    """Whether to say a word of warning before somebody opens it."""
    return kind in RISKY_KINDS or name.lower().rpartition(".")[2].strip() in RISKY_ENDINGS


def clean_name(name: str) -> str:
    """A name that is safe in every folder: no path, nothing that controls or turns the text, at most 200 letters."""
    last = unicodedata.normalize("NFC", name[:5000]).replace("\\", "/").rpartition("/")[2]
    plain = " ".join("".join(c if c.isprintable() else " " for c in last if c not in '<>:"|?*').split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not stem or len(ending) >= 10:
        return plain[:LONGEST_NAME].strip(". ") or "file"
    return f"{stem[: LONGEST_NAME - 1 - len(ending)]}{dot}{ending}"
