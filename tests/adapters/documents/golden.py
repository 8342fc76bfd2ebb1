"""Pictures of the layouts as they were looked at and found good.

`python -m tests.adapters.documents.golden` makes them anew; look at every picture that changed before you commit it.
What is printed there is made up and kept here, so that a change of a mapping's words changes no picture.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.adapters.documents.printing import CODE, NOW, RENDERER, pages_of

FOLDER = Path(__file__).with_name("golden")
DPI = 40
#: Pixels are compared in squares of this side: renderers differ in how they smooth a letter, not in where it stands.
SIDE = 3
#: (width, height, grey values)
Picture = tuple[int, int, bytes]

PARAGRAPH = (
    "Sehubungan dengan permohonan Saudara, dengan ini kami sampaikan jadwal layanan sebagai berikut. Mohon perangkat"
    " yang akan dilayani disiapkan pada tanggal tersebut, dan kabari kami bila jadwalnya perlu diubah."
)


def text(words: str, kind: str = "text") -> dict[str, Any]:
    """A part with one text, the word in stars bold."""
    runs = [{"text": piece, "bold": index % 2 == 1} for index, piece in enumerate(words.split("*")) if piece]
    return {"kind": kind, "runs": runs}


def rows(*pairs: tuple[str, str], choices: tuple[str, ...] = ()) -> dict[str, Any]:
    """A part with labelled rows; the last has boxes if there are `choices`."""
    found: list[dict[str, Any]] = [{"label": label, "value": value} for label, value in pairs]
    if choices:
        found[-1]["choices"] = list(choices)
    return {"kind": "rows", "rows": found}


def signer(office: str, name: str = "", words: str = "", note: str = "") -> dict[str, str]:
    """Who signs."""
    number = "198001012006041001" if name else ""
    return {
        "words": words,
        "office": office,
        "name": name,
        "number_label": "NIP",
        "number": number,
        "note": note,
    }


STEPS = {
    "kind": "steps",
    "zone": "WIB",
    "rows": [
        {
            "no": str(number),
            "title": f"Langkah ke-{number} dari prosedur ini",
            "role": "Kepala Divisi Layanan dan Pangkalan Data",
            "begun": f"{number:02}-11-2026 08.00",
            "ended": f"{number:02}-11-2026 15.30",
            "limit": "1 hari kerja",
            "due": f"{number:02}-11-2026 16.00",
            "on_time": "Tidak" if number % 7 == 0 else "Ya",
        }
        for number in range(1, 31)
    ],
}
COSTS = {
    "kind": "table",
    "columns": ["No.", "Uraian", "Jumlah", "Satuan", "Harga satuan (Rp)", "Biaya (Rp)"],
    "rows": [
        ["1.", "Kabel UTP Cat6", "100", "meter", "8.500", "850.000"],
        ["2.", "Jasa", "2,5", "hari", "1", "3"],
    ],
    "align": ["c", "l", "r", "l", "r", "r"],
    "widths": [0, 5, 0, 0, 2, 2],
    "foot": [["Jumlah seluruhnya", "Rp850.003"], ["Terbilang", "delapan ratus lima puluh ribu tiga rupiah"]],
}
NOTE = "disahkan secara elektronik pada Sabtu, 21 November 2026 pukul 10.30 WIB melalui langkah 5 di Redmine"
SIGNERS = [
    signer("Kepala Pusat", "Nama Pejabat, M.T.", note=NOTE),
    signer("Pemohon"),
    signer("Kepala Divisi Layanan"),
]


def letter(title: str, *body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The data of a document."""
    return {
        "number": "012/UN39.17/TU/XI/2026",
        "code": CODE,
        "url": f"https://layanan.contoh.ac.id/verifikasi/{CODE}",
        "ticket": "UNJ-2026-000123",
        "title": title,
        "form_code": "",
        "draft": False,
        "organization": {"id": "x", "name": "Universitas Contoh", "office": "Pusat TIK", "city": "Jakarta"},
        "letterhead": {
            "lines": ["Kementerian Contoh", "Universitas Contoh", "Pusat Teknologi Informasi dan Komunikasi"],
            "address": "Jalan Contoh 1, Jakarta 10000",
            "contact": "Laman contoh.ac.id",
        },
        "date": "21 November 2026",
        "about": [],
        "to": [],
        "body": list(body),
        "signers": SIGNERS[:1],
        "cc": [],
        **more,
    }


ABOUT = rows(("Sifat", "Biasa"), ("Lampiran", "–"))["rows"]
FACTS = rows(
    ("Nomor tiket", "UNJ-2026-000123"), ("Tanggal", "24 November 2026"), ("Tempat", ""), ("Uraian", PARAGRAPH)
)
#: What is printed, by the name of its picture: layout and data.
PRINTED: dict[str, tuple[str, dict[str, Any]]] = {
    "surat": (
        "surat",
        letter(
            "Jadwal layanan teknis",
            text(PARAGRAPH),
            FACTS,
            COSTS,
            text("Atas perhatian Saudara, kami ucapkan *terima kasih*."),
            about=ABOUT,
            to=["Ketua Program Studi Contoh", "Universitas Contoh"],
            cc=["Kepala Pusat", "Helpdesk"],
        ),
    ),
    "nota-dinas": (
        "nota-dinas",
        letter(
            "Laporan verifikasi tiket UNJ-2026-000123",
            text("Hasil verifikasi", "heading"),
            FACTS,
            text("Demikian laporan ini kami sampaikan."),
            about=[{"label": "Dari", "value": "Kepala Divisi Layanan"}, *ABOUT],
            to=["Kepala Pusat"],
        ),
    ),
    "naskah": (
        "naskah",
        letter(
            "Berita Acara\nSerah Terima",
            text("Pada hari ini, Sabtu, kami yang bertanda tangan di bawah ini:"),
            rows(("Nama", ""), ("Jabatan", "Kepala Pusat")),
            text("selanjutnya disebut *PIHAK PERTAMA*."),
            text("Langkah", "heading"),
            STEPS,
            text("Demikian berita acara ini dibuat dengan sebenarnya."),
            signers=SIGNERS,
        ),
    ),
    "draf": (
        "naskah",
        letter(
            "Draf Surat Tugas",
            rows(("Dasar", "1. prosedur;\n2. permohonan.")),
            text("MEMBERI TUGAS", "centre"),
            {"kind": "items", "items": [text("menangani *masalah* itu;")["runs"], text(PARAGRAPH)["runs"]]},
            draft=True,
        ),
    ),
    "formulir": (
        "formulir",
        letter(
            "Formulir Pengaduan",
            text("Data pemohon", "heading"),
            rows(
                ("Nama", "Sari Contoh"),
                ("Status", "Dosen"),
                choices=("Mahasiswa", "Dosen", "Tenaga kependidikan"),
            ),
            text("Isi permohonan", "heading"),
            FACTS,
            text("Pernyataan", "heading"),
            text("Isian di atas disampaikan dengan sebenarnya."),
            form_code="FRM-SI-005",
            signers=SIGNERS[:2],
        ),
    ),
    "tanpa-tanda-tangan": (
        "formulir",
        letter("Tanda Bukti Pendaftaran", FACTS, text("Keterangan", "heading"), text(PARAGRAPH), signers=[]),
    ),
}


def pictures(name: str) -> Iterator[tuple[Path, Picture]]:
    """Each page of what is printed under a name, and where its picture is kept."""
    template, data = PRINTED[name]
    for number, page in enumerate(pages_of(RENDERER.render(template, data, now=NOW), dpi=DPI), 1):
        yield FOLDER / f"{name}-{number}.png", page


def difference(one: Picture, other: Picture) -> float:
    """How many of the squares of two pictures differ visibly, from 0 to 1; 1 if they have not the same size."""
    if one[:2] != other[:2]:
        return 1.0
    width, height = one[0], one[1]
    squares = [
        abs(_grey(one, x, y) - _grey(other, x, y)) > 40
        for y in range(0, height - SIDE, SIDE)
        for x in range(0, width - SIDE, SIDE)
    ]
    return sum(squares) / len(squares)


def _grey(picture: Picture, x: int, y: int) -> float:
    width, _, pixels = picture
    return sum(sum(pixels[(y + row) * width + x :][:SIDE]) for row in range(SIDE)) / SIDE**2


def read(path: Path) -> Picture:
    """A picture that `write` wrote."""
    data = path.read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    start = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[start - 4 : start])
    raw = zlib.decompress(data[start + 4 : start + 4 + length])
    lines = (raw[row * (width + 1) + 1 : (row + 1) * (width + 1)] for row in range(height))
    return width, height, b"".join(lines)


def write(path: Path, picture: Picture) -> None:
    """A picture as a grey PNG."""
    width, height, pixels = picture
    raw = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(raw, 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def main() -> None:
    """Make them all anew."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for name in PRINTED:
        for path, picture in pictures(name):
            write(path, picture)
            print(path)


if __name__ == "__main__":
    main()
