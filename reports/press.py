"""The press: HTML from standard input, PDF to standard output. Run by reports/pdf.py as a process."""

import io
import logging
import resource
import sys
from pathlib import Path

from svglib.fonts import register_font
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

MEMORY = 1536 * 1024 * 1024


def press(html: str, fonts: Path, seconds: int) -> bytes:
    """Nothing is loaded but our fonts. A warning is a failure: a missing glyph prints a black square."""
    register_font("Doc", str(fonts / "PTSans_400Regular.ttf"))
    out = io.BytesIO()
    policy = ResourceAccessPolicy.server(base_dir=fonts, allow_remote=False, max_render_seconds=seconds)
    place = str(fonts / "paper.html")
    done = pisa.CreatePDF(html, dest=out, encoding="utf-8", path=place, resource_policy=policy)
    if done.err or done.warn:
        raise SystemExit("; ".join(str(line[2] if len(line) > 2 else line) for line in done.log)[:500])
    return out.getvalue()


def main() -> None:
    """Set the limits, then work."""
    seconds = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.WARNING)
    sys.stdout.buffer.write(press(sys.stdin.read(), Path(sys.argv[1]), seconds))


if __name__ == "__main__":
    main()
