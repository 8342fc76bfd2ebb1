"""Documents a second, in one thread and in two: our Berita Acara against the same by WeasyPrint, in the same run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader

from connector.documents import TypstRenderer
from connector.documents.builders import document_data
from connector.settings import ROOT
from tests.unit.documents import sample

SECONDS = 4.0
THREADS = (1, 2)
#: Below this ratio it has become too slow.
LEAST = 5
TEMPLATES = ROOT / "templates" / "documents"
#: What the peer calls the standard that both documents keep.
VARIANT = "pdf/a-3a"
NOT_HERE = (
    "documents: WeasyPrint is not here ({reason}), so there is nothing to compare with; it needs "
    ".venv/bin/pip install '.[bench]' and Debian's libpango-1.0-0, libpangoft2-1.0-0, libharfbuzz-subset0"
)


def ours() -> Callable[[], bytes]:
    """Prints it as the service does."""
    renderer = TypstRenderer(TEMPLATES, TEMPLATES / "fonts")
    data = _data()
    return lambda: renderer.render("naskah", data, now=sample.NOW)


def peers() -> Callable[[], bytes]:
    """Prints the same data with WeasyPrint from a page of HTML, with the same fonts, QR code and standard.

    Raises:
        ImportError, OSError: it is not installed, or its system libraries are not.
    """
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    template = environment.get_template("berita-acara.html.j2")
    fonts = FontConfiguration()
    data = _data()

    def work() -> bytes:
        qr = segno.make_qr(data["url"], error="m").svg_inline(scale=2)
        page = template.render(data=data, qr=qr, fonts=(TEMPLATES / "fonts").as_uri())
        made = weasyprint.HTML(string=page).write_pdf(font_config=fonts, pdf_variant=VARIANT)
        return bytes(made)

    return work


def _data() -> Any:
    return json.loads(json.dumps(document_data(sample.order())))


def per_second(work: Callable[[], bytes], threads: int) -> float:
    """How many are made in a second, by so many threads at once."""
    until = time.perf_counter() + SECONDS

    def busy(_: int) -> int:
        made = 0
        while time.perf_counter() < until:
            work()
            made += 1
        return made

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        total = sum(pool.map(busy, range(threads)))
    return total / (time.perf_counter() - began)


def main() -> list[str]:
    """Measure; gives what is too slow."""
    mine = ours()
    sizes = [len(mine())]
    try:
        theirs = peers()
        sizes.append(len(theirs()))
    except (ImportError, OSError) as error:
        print(NOT_HERE.format(reason=str(error).splitlines()[0]))
        for threads in THREADS:
            print(f"a Berita Acara, {threads} thread(s): {per_second(mine, threads):.1f}/s")
        return []
    slow = []
    for threads in THREADS:
        we, they = per_second(mine, threads), per_second(theirs, threads)
        print(
            f"{f'a Berita Acara, {threads} thread(s)':<34} {we:>10.1f}/s   {'the same by WeasyPrint':<40} "
            f"{they:>10.1f}/s   ratio {we / they:.1f}",
            flush=True,
        )
        if we / they < LEAST:
            slow.append(
                f"a Berita Acara, {threads} thread(s): ratio {we / they:.1f}, at least {LEAST} is wanted"
            )
    print(f"{'':<34} {sizes[0] // 1024:>10} KB   {'':<40} {sizes[1] // 1024:>10} KB")
    return slow


if __name__ == "__main__":
    raise SystemExit("\n".join(main()) or None)
