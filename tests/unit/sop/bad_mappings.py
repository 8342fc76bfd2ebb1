# ruff: noqa: E501 - a message is one line, as its author sees it
"""A small good mapping, and one bad change to it for each rule, with the findings that follow."""

from __future__ import annotations

SHARED = """\
fields:
  - {id: nama, name: Nama, label: Nama, type: text, personal: true}
  - {id: perbaikan, name: Perbaikan, label: Perbaikan, type: paragraph, renew: true}
"""
ORGANIZATION = """\
id: uji
name: Universitas Uji
office: Pusat TIK
short_name: Pustik
ticket_prefix: UJI
city: Jakarta
project: {identifier: uji-tik, name: Layanan Uji}
calendar:
  hours:
    senin: ["08:00-12:00", "13:00-16:00"]
letterhead: {lines: [Universitas Uji], address: Jalan Uji 1}
signatories:
  - {role: kepala, office: Kepala}
roles:
  - {id: pemohon, title: Pemohon, name: Pemohon Uji, kind: requester}
  - {id: meja, title: Meja layanan, name: Meja Uji}
  - {id: kepala, title: Kepala, name: Kepala Uji}
  - {id: surat, title: Penerima surat, name: Surat Uji, kind: told}
"""
PROCEDURE = """\
id: layanan
code: POS 1
title: Layanan uji
tracker: Layanan Uji
summary: Untuk pengujian.
header: {number: 1/UJI}
form:
  title: Formulir
  fields: [nama, jenis]
registrars: [meja]
waiting: {reason: perbaikan}
withdrawn: batal
fields:
  - {id: jenis, name: Jenis, label: Jenis, type: choice, choices: [A, B]}
  - {id: hasil, name: Hasil, label: Hasil, type: text}
  - {id: surat, name: Surat, label: Surat, type: file}
steps:
  - {no: "1", id: pengajuan, title: Pengajuan, roles: [pemohon]}
  - no: "2"
    id: periksa
    title: Pemeriksaan
    status: Pemeriksaan
    roles: [meja]
    limit: 30 menit
    needs: [nama]
    outputs: [hasil]
    outcomes:
      lengkap: kerja
      kurang: pengajuan
  - no: "3"
    id: kerja
    title: Pengerjaan
    status: Pengerjaan
    roles: [meja, kepala]
    assignee_by:
      field: jenis
      roles: {A: meja, B: kepala}
    limit_by:
      field: jenis
      limits: {A: 1 jam, B: 2 hari kerja}
    needs:
      - field: hasil
        when: {jenis: A}
    outputs:
      - {id: surat, kind: document}
    outcomes:
      selesai:
        to: selesai
        tell:
          - {to: [pemohon], text: Sudah selesai.}
ends:
  - {id: selesai, status: Selesai, title: Selesai, success: true}
  - {id: batal, status: Dibatalkan, title: Dibatalkan}
documents:
  - id: surat
    template: surat
    kind: surat
    title: Surat
    body:
      - text: "Nomor {nomor}"
      - rows:
          - {label: Jenis, fields: [jenis]}
    signers:
      - {role: kepala}
"""
FILES = {"bersama.yaml": SHARED, "uji/organization.yaml": ORGANIZATION, "uji/layanan.yaml": PROCEDURE}

POS = "uji/layanan.yaml"
ORG = "uji/organization.yaml"
ALL = "bersama.yaml"

#: rule, file, changes, findings
BAD: list[tuple[str, str, list[tuple[str, str]], list[str]]] = []


def bad(rule: str, name: str, changes: list[tuple[str, str]], *expected: str) -> None:
    BAD.append((rule, name, changes, list(expected)))


bad(
    "unknown key",
    POS,
    [("summary: Untuk", "sumary: Untuk")],
    "uji/layanan.yaml:1:1: kunci «summary» wajib ada",
    "uji/layanan.yaml:5:1: kunci «sumary» tidak dikenal di sini; mungkin maksud Anda «summary»",
)
bad(
    "a letter without its year",
    ORG,
    [("roles:\n", 'letters:\n  surat: "{urut}/ST"\n  nota:\n    pattern: "{urt}/{urut}/{tahun}"\nroles:\n')],
    "uji/organization.yaml:15:10: pola «{urut}/ST» memerlukan {tahun}: nomor urut dimulai lagi dari 1 setiap tahun",
    "uji/organization.yaml:17:14: keterangan «{urt}» tidak ada; mungkin maksud Anda «urut»; yang ada: {urut}, {bulan}, {hari}, {bulan_romawi}, {tahun}",
)
bad(
    "duplicate key",
    POS,
    [("code: POS 1\n", "code: POS 1\ncode: POS 2\n")],
    "uji/layanan.yaml:3:1: kunci «code» sudah ditulis pada baris 2",
)
bad(
    "no YAML",
    POS,
    [("form:\n", "form: [\n")],
    "uji/layanan.yaml:9:9: bukan YAML yang sah: expected ',' or ']', but got ':'",
)
bad(
    "a list that is none",
    POS,
    [("registrars: [meja]", "registrars: meja")],
    "uji/layanan.yaml:10:13: «registrars» harus daftar (baris-baris yang diawali «- »)",
)
bad(
    "text that is a number",
    POS,
    [("code: POS 1", "code: 100")],
    "uji/layanan.yaml:2:7: «code» harus teks, bukan 100; beri tanda kutip",
)
bad(
    "a name too long",
    POS,
    [("tracker: Layanan Uji", "tracker: Permohonan Pelayanan Teknis Informasi")],
    "uji/layanan.yaml:4:10: «Permohonan Pelayanan Teknis Informasi» terlalu panjang: paling banyak 30 huruf, ini 37",
)
bad(
    "an empty name",
    POS,
    [("tracker: Layanan Uji", 'tracker: ""')],
    "uji/layanan.yaml:4:10: «tracker» tidak boleh kosong",
)
bad(
    "an id with capitals",
    POS,
    [("{id: hasil, name: Hasil", "{id: Hasil, name: Hasil")],
    "uji/layanan.yaml:15:10: «Hasil» tidak dapat dipakai untuk «id»: pakai huruf kecil dan angka, dipisah - atau _, misalnya «uji-coba»",
)
bad(
    "a limit in words",
    POS,
    [("limit: 30 menit", "limit: setengah jam")],
    "uji/layanan.yaml:24:12: «setengah jam» bukan batas waktu; tulis angka dan satuan (menit, jam, hari kerja, hari, minggu, bulan), misalnya «1 hari kerja»",
)
bad(
    "an unknown type",
    POS,
    [("label: Hasil, type: text", "label: Hasil, type: teks")],
    "uji/layanan.yaml:15:50: «teks» tidak dikenal; pilihannya: text, paragraph, number, date, choice, identity, email, emails, phone, file, consent",
)
bad(
    "a missing key",
    POS,
    [(" label: Jenis,", "")],
    "uji/layanan.yaml:14:5: kunci «label» wajib ada",
)
bad(
    "hours that are none",
    ORG,
    [('"13:00-16:00"', '"16:00-13:00"')],
    "uji/organization.yaml:10:28: «16:00-13:00» bukan jam kerja; tulis misalnya «08:00-12:00»",
)
bad(
    "hours that no day has",
    ORG,
    [('"13:00-16:00"', '"13:00-24:00"')],
    "uji/organization.yaml:10:28: «13:00-24:00» bukan jam kerja; tulis misalnya «08:00-12:00»",
)
bad(
    "hours that overlap",
    ORG,
    [('"13:00-16:00"', '"11:30-16:00"')],
    "uji/organization.yaml:10:28: jam «11:30-16:00» bertumpang tindih dengan «08:00-12:00»",
)
bad(
    "hours in no order",
    ORG,
    [('"08:00-12:00", "13:00-16:00"', '"13:00-16:00", "08:00-12:00"')],
    "uji/organization.yaml:10:28: jam «08:00-12:00» harus ditulis sebelum «13:00-16:00»",
)
bad(
    "no hours at all",
    ORG,
    [('["08:00-12:00", "13:00-16:00"]', "[]")],
    "uji/organization.yaml:9:3: tidak ada satu hari pun yang mempunyai jam kerja",
)
bad(
    "a zone of no part of Indonesia",
    ORG,
    [("  hours:\n", "  timezone: Asia/Singapore\n  hours:\n")],
    "uji/organization.yaml:9:13: «Asia/Singapore» bukan zona waktu Indonesia; pilihannya: Asia/Jakarta (WIB), Asia/Makassar (WITA), Asia/Jayapura (WIT), Asia/Pontianak (WIB)",
)
RAMADAN = "{name: Ramadan, first: 2027-02-08, last: 2027-03-09, hours: {senin: ['08:00-14:00']}}"


def calendar(*lines: str) -> list[tuple[str, str]]:
    """Lines put before the hours of the calendar, from line 9 on."""
    return [("  hours:\n", "".join(f"  {line}\n" for line in lines) + "  hours:\n")]


bad(
    "special hours that end before they begin",
    ORG,
    calendar("special_hours:", f"  - {RAMADAN.replace('last: 2027', 'last: 2026')}"),
    "uji/organization.yaml:10:48: hari terakhir, 2026-03-09, lebih awal dari hari pertama, 2027-02-08",
)
bad(
    "special hours that overlap",
    ORG,
    calendar("special_hours:", f"  - {RAMADAN}", f"  - {RAMADAN.replace('Ramadan', 'Puasa')}"),
    "uji/organization.yaml:11:7: «Puasa» bertumpang tindih dengan «Ramadan» (2027-02-08 sampai 2027-03-09)",
)
bad(
    "special hours of a day that overlap",
    ORG,
    calendar("special_hours:", "  - " + RAMADAN.replace("['08:00-14:00']", "['08:00-14:00', '13:00-15:00']")),
    "uji/organization.yaml:10:91: jam «13:00-15:00» bertumpang tindih dengan «08:00-14:00»",
)
bad(
    "a day that is closed twice",
    ORG,
    calendar(
        "closures:",
        "  - {date: 2026-12-28, last: 2026-12-31, name: Libur akhir tahun}",
        "  - {date: 2026-12-30, name: Dies natalis}",
    ),
    "uji/organization.yaml:11:7: 2026-12-30 sudah ditulis sebagai «Libur akhir tahun»",
)
bad(
    "a closure that ends before it begins",
    ORG,
    calendar("closures:", "  - {date: 2026-12-28, last: 2026-12-21, name: Libur}"),
    "uji/organization.yaml:10:32: hari terakhir, 2026-12-21, lebih awal dari hari pertama, 2026-12-28",
)
bad(
    "a closure in a year that no calendar has",
    ORG,
    calendar("closures:", "  - {date: 2062-12-28, name: Libur}"),
    "uji/organization.yaml:10:7: «2062-12-28» di luar kalender, yang dari tahun 2020 sampai 2045",
)
bad(
    "a date that is none",
    ORG,
    calendar("closures:", "  - {date: besok, name: Libur}"),
    "uji/organization.yaml:10:14: «besok» bukan tanggal; tulis misalnya 2026-11-27",
)
bad(
    "a day that is opened and closed, and one opened twice",
    ORG,
    calendar("closures: [{date: 2026-12-28, name: Libur}]", "opened: [2026-12-28, 2026-12-21, 2026-12-21]"),
    "uji/organization.yaml:10:12: 2026-12-28 juga ditulis di closures, sebagai «Libur»",
    "uji/organization.yaml:10:36: 2026-12-21 ditulis dua kali",
)
bad(
    "an opened day without hours",
    ORG,
    calendar("opened: [2026-12-26]"),
    "uji/organization.yaml:9:12: 2026-12-26 hari sabtu, yang tidak mempunyai jam kerja; tulis jamnya di special_hours",
)
bad(
    "two decrees of a year, and one that says nothing",
    ORG,
    calendar("decrees:", "  - {year: 2028, name: SKB, cuti_bersama: []}", "  - {year: 2028, name: SKB}"),
    "uji/organization.yaml:11:14: tahun 2028 ditulis dua kali",
    "uji/organization.yaml:11:7: tulis national_holidays, cuti_bersama, atau keduanya",
)
bad(
    "a decree of another year, with a day twice",
    ORG,
    calendar(
        "decrees:",
        "  - year: 2028",
        "    name: SKB",
        "    cuti_bersama:",
        "      - {date: 2027-12-24, name: Natal}",
        "      - {date: 2028-12-26, name: Natal}",
        "      - {date: 2028-12-26, name: Natal lagi}",
    ),
    "uji/organization.yaml:15:11: 2028-12-26 sudah ditulis sebagai «Natal»",
    "uji/organization.yaml:13:11: «Natal» bukan dari tahun 2028",
)
bad(
    "a decree of days that are worked",
    ORG,
    calendar("cuti_bersama: false", "decrees: [{year: 2019, name: SKB, cuti_bersama: []}]"),
    "uji/organization.yaml:10:20: «2019» di luar kalender, yang dari tahun 2020 sampai 2045",
    "uji/organization.yaml:10:37: tidak berlaku, karena cuti_bersama kalender ini false",
)
bad(
    "an unknown weekday",
    ORG,
    [("    senin:", "    senen:")],
    "uji/organization.yaml:10:5: «senen» tidak dikenal; mungkin maksud Anda «senin»; pilihannya: senin, selasa, rabu, kamis, jumat, sabtu, minggu",
)
bad(
    "id unlike the file",
    POS,
    [("id: layanan\n", "id: layanan-lain\n")],
    "uji/layanan.yaml:1:5: id «layanan-lain» harus sama dengan nama berkasnya, «layanan»",
)
bad(
    "id unlike the folder",
    ORG,
    [("id: uji\n", "id: ujian\n")],
    "uji/organization.yaml:1:5: id «ujian» harus sama dengan nama foldernya, «uji»",
)
bad(
    "profile unlike the folder",
    POS,
    [("id: layanan\n", "id: layanan\nprofile: lain\n")],
    "uji/layanan.yaml:2:10: profile harus «uji», seperti foldernya",
)
bad(
    "unknown role of a step",
    POS,
    [("    roles: [meja]\n", "    roles: [mejja]\n")],
    "uji/layanan.yaml:23:13: peran «mejja» tidak ada; mungkin maksud Anda «meja»",
)
bad(
    "unknown registrar",
    POS,
    [("registrars: [meja]", "registrars: [meja, kepla]")],
    "uji/layanan.yaml:10:20: peran «kepla» tidak ada; mungkin maksud Anda «kepala»",
)
bad(
    "unknown role told",
    POS,
    [("{to: [pemohon], text", "{to: [pemohom], text")],
    "uji/layanan.yaml:50:19: peran «pemohom» tidak ada; mungkin maksud Anda «pemohon»",
)
bad(
    "unknown role of assignee_by",
    POS,
    [("{A: meja, B: kepala}", "{A: meja, B: pemohon}")],
    "uji/layanan.yaml:37:27: peran «pemohon» bukan peran langkah ini",
)
bad(
    "a warning at no instant",
    POS,
    [("withdrawn: batal\n", "withdrawn: batal\nescalation: [{at: besok, to: [meja]}]\n")],
    "uji/layanan.yaml:13:19: «besok» bukan saat peringatan; tulis misalnya «75%», «1 jam sebelum», «batas», atau «1 hari kerja sesudah»",
)
bad(
    "a warning months ahead",
    POS,
    [("withdrawn: batal\n", "withdrawn: batal\nescalation: [{at: 1 bulan sebelum, to: [meja]}]\n")],
    "uji/layanan.yaml:13:19: sebelum batas ditulis dengan menit, jam, hari kerja, hari, atau minggu",
)
bad(
    "a warning to nobody there",
    POS,
    [
        (
            "withdrawn: batal\n",
            "withdrawn: batal\nescalation: [{at: batas, to: []}]\n",
        )
    ],
    "uji/layanan.yaml:13:26: «to» tidak boleh kosong",
)
bad(
    "a warning to a role that is nobody's",
    POS,
    [
        (
            "    limit: 30 menit\n",
            "    limit: 30 menit\n    escalation: [{at: 75%, to: [pelaksna, pemohon]}, {at: 75%, to: [meja]}]\n",
        )
    ],
    "uji/layanan.yaml:25:33: peran «pelaksna» tidak ada; mungkin maksud Anda «pelaksana»",
    "uji/layanan.yaml:25:43: peran «pemohon» tidak mempunyai akun Redmine, jadi tidak dapat diperingatkan",
    "uji/layanan.yaml:25:59: peringatan «75%» ditulis dua kali",
)
bad(
    "a warning for a step without a ticket",
    POS,
    [("title: Pengajuan, roles: [pemohon]}", "title: Pengajuan, roles: [pemohon], escalation: []}")],
    "uji/layanan.yaml:18:66: langkah «pengajuan» tanpa status tidak mempunyai jam, jadi tidak ada yang diperingatkan",
)
bad(
    "a warning of the organization to nobody",
    ORG,
    [("city: Jakarta\n", "city: Jakarta\nescalation: [{at: batas, to: [kepla]}]\n")],
    "uji/organization.yaml:7:31: peran «kepla» tidak ada; mungkin maksud Anda «kepala»",
)
bad(
    "a role called holder",
    ORG,
    [("{id: surat, title", "{id: pelaksana, title")],
    "uji/organization.yaml:18:10: «pelaksana» berarti siapa pun yang memegang tiket, jadi bukan id peran",
)
bad(
    "a digest for whom nobody can find, of what is not there",
    ORG,
    [
        (
            "city: Jakarta\n",
            "city: Jakarta\ndigests:\n  readers:\n    - {roles: [kepla, pemohon], procedures: [layanen]}\n    - {roles: [kepala], units: [surat, mejja]}\n",
        )
    ],
    "uji/organization.yaml:9:16: peran «kepla» tidak ada; mungkin maksud Anda «kepala»",
    "uji/organization.yaml:9:23: peran «pemohon» tidak mempunyai akun Redmine, jadi tidak ada alamat untuk rekapnya",
    "uji/organization.yaml:9:46: POS «layanen» tidak ada; mungkin maksud Anda «layanan»",
    "uji/organization.yaml:10:40: peran «mejja» tidak ada; mungkin maksud Anda «meja»",
    "uji/organization.yaml:10:33: peran «surat» tidak menjalankan langkah apa pun",
)
bad(
    "a digest when nobody works",
    ORG,
    [
        (
            "city: Jakarta\n",
            'city: Jakarta\ndigests: {at: "16:00", weekly: selasa, readers: [{roles: [kepala]}]}\n',
        )
    ],
    "uji/organization.yaml:7:32: «selasa» bukan hari kerja menurut calendar.hours",
    "uji/organization.yaml:7:15: pukul 16.00 di luar jam kerja hari senin (08.00 sampai 16.00)",
)
bad(
    "personal data kept for no time",
    ORG,
    [("city: Jakarta\n", "city: Jakarta\nprivacy: {anonymize_after: 2 hari kerja}\n")],
    "uji/organization.yaml:7:28: «2 hari kerja» bukan umur; tulis angka dan satuan (hari, bulan, tahun), misalnya «2 tahun»",
)
bad(
    "a digest at a number",
    ORG,
    [("city: Jakarta\n", "city: Jakarta\ndigests: {at: 10:00, readers: [{roles: [kepala]}]}\n")],
    'uji/organization.yaml:7:15: «600» bukan jam; tulis dengan tanda kutip, misalnya "08:00"',
)
bad(
    "a digest for nobody",
    ORG,
    [("city: Jakarta\n", "city: Jakarta\ndigests: {weekly: ahad, paused: lama, readers: []}\n")],
    "uji/organization.yaml:7:19: «ahad» tidak dikenal; pilihannya: senin, selasa, rabu, kamis, jumat, sabtu, minggu",
    "uji/organization.yaml:7:33: «lama» bukan batas waktu; tulis angka dan satuan (menit, jam, hari kerja, hari, minggu, bulan), misalnya «1 hari kerja»",
    "uji/organization.yaml:7:39: «readers» tidak boleh kosong",
)
bad(
    "unknown signatory",
    ORG,
    [("{role: kepala, office", "{role: kepla, office")],
    "uji/organization.yaml:13:12: peran «kepla» tidak ada; mungkin maksud Anda «kepala»",
)
bad(
    "unknown role of visible_to",
    POS,
    [("{id: hasil, name: Hasil,", "{id: hasil, visible_to: [mejja], name: Hasil,")],
    "uji/layanan.yaml:15:30: peran «mejja» tidak ada; mungkin maksud Anda «meja»",
)
bad(
    "unknown target",
    POS,
    [("lengkap: kerja", "lengkap: kerjaa")],
    "uji/layanan.yaml:28:16: langkah atau akhir «kerjaa» tidak ada; mungkin maksud Anda «kerja»",
    "uji/layanan.yaml:30:5: langkah «kerja» tidak pernah tercapai dari langkah pertama",
    "uji/layanan.yaml:51:1: akhir yang berhasil tidak pernah tercapai dari langkah pertama",
)
bad(
    "unknown end of withdrawn",
    POS,
    [("withdrawn: batal", "withdrawn: dibatal")],
    "uji/layanan.yaml:12:12: akhir «dibatal» tidak ada; mungkin maksud Anda «batal»",
)
bad(
    "unknown field on the form",
    POS,
    [("fields: [nama, jenis]", "fields: [nama, jenis, hasill]")],
    "uji/layanan.yaml:9:25: isian «hasill» tidak ada; mungkin maksud Anda «hasil»",
)
bad(
    "unknown need",
    POS,
    [("needs: [nama]", "needs: [nama, hasl]")],
    "uji/layanan.yaml:25:19: isian «hasl» tidak ada; mungkin maksud Anda «hasil»",
)
bad(
    "unknown output",
    POS,
    [("outputs: [hasil]", "outputs: [hasil, surt]")],
    "uji/layanan.yaml:26:22: isian «surt» tidak ada; mungkin maksud Anda «surat»",
)
bad(
    "unknown field of when",
    POS,
    [("when: {jenis: A}", "when: {jenes: A}")],
    "uji/layanan.yaml:43:23: isian «jenes» tidak ada; mungkin maksud Anda «jenis»",
)
bad(
    "unknown value of when",
    POS,
    [("when: {jenis: A}", "when: {jenis: C}")],
    "uji/layanan.yaml:43:23: pilihan isian «jenis» «C» tidak ada",
)
bad(
    "unknown reason",
    POS,
    [("{reason: perbaikan}", "{reason: perbaiki}")],
    "uji/layanan.yaml:11:19: isian «perbaiki» tidak ada; mungkin maksud Anda «perbaikan»",
)
bad(
    "unknown field of the subject",
    POS,
    [("title: Layanan uji\n", 'title: Layanan uji\nsubject: "{nma}"\n')],
    "uji/layanan.yaml:4:10: isian «nma» tidak ada; mungkin maksud Anda «nama»",
)
bad(
    "unpaired brace in the subject",
    POS,
    [("title: Layanan uji\n", 'title: Layanan uji\nsubject: "{nama"\n')],
    "uji/layanan.yaml:4:10: kurung kurawal pada subject tidak berpasangan",
)
bad(
    "a choice not covered by assignee_by",
    POS,
    [("roles: {A: meja, B: kepala}", "roles: {A: meja}")],
    "uji/layanan.yaml:37:7: pilihan «B» dari isian «jenis» belum diatur",
)
bad(
    "a choice not covered by limit_by",
    POS,
    [("{A: 1 jam, B: 2 hari kerja}", "{A: 1 jam, C: 2 hari kerja}")],
    "uji/layanan.yaml:40:29: pilihan isian «jenis» «C» tidak ada",
    "uji/layanan.yaml:40:7: pilihan «B» dari isian «jenis» belum diatur",
)
bad(
    "the rest of no limit",
    POS,
    [("    limit: 30 menit\n", "    limit_again: sisa\n")],
    "uji/layanan.yaml:24:18: langkah «periksa» tidak mempunyai batas waktu, jadi tidak ada yang tersisa",
)
bad(
    "a word for another time that is none",
    POS,
    [("    limit: 30 menit\n", "    limit: 30 menit\n    limit_again: ulang\n")],
    "uji/layanan.yaml:25:18: «ulang» tidak dikenal; pilihannya: baru, sisa",
)
bad(
    "choices of a text",
    POS,
    [("label: Hasil, type: text", "label: Hasil, type: text, choices: [A]")],
    "uji/layanan.yaml:15:56: isian «hasil»: choices ditulis untuk type choice, dan hanya untuk itu",
)
bad(
    "a dot in a field's name",
    POS,
    [("name: Hasil,", "name: Hasil akh.,")],
    "uji/layanan.yaml:15:23: nama isian «Hasil akh.» memakai titik; Redmine merusaknya dalam pesan kesalahan",
)
bad(
    "an unused field",
    POS,
    [("    outputs: [hasil]\n", ""), ("      - field: hasil\n        when: {jenis: A}", "      - jenis")],
    "uji/layanan.yaml:15:10: isian «hasil» tidak dipakai di formulir atau langkah mana pun",
)
bad(
    "a field twice",
    POS,
    [("{id: hasil, name", "{id: jenis, name: Lain, label: L, type: text}\n  - {id: hasil, name")],
    "uji/layanan.yaml:15:10: id «jenis» dipakai dua kali",
    "uji/layanan.yaml:38:18: pilihan isian «jenis» «A» tidak ada",
    "uji/layanan.yaml:38:27: pilihan isian «jenis» «B» tidak ada",
    "uji/layanan.yaml:41:19: pilihan isian «jenis» «A» tidak ada",
    "uji/layanan.yaml:41:29: pilihan isian «jenis» «B» tidak ada",
)
bad(
    "a field twice in bersama",
    ALL,
    [("{id: perbaikan, name", "{id: nama, name: Lain, label: L, type: text}\n  - {id: perbaikan, name")],
    "bersama.yaml:3:10: id «nama» dipakai dua kali",
)
bad(
    "a role twice",
    ORG,
    [
        (
            "{id: kepala, title: Kepala, name",
            "{id: meja, title: Lain, name: Lain Uji}\n  - {id: kepala, title: Kepala, name",
        )
    ],
    "uji/organization.yaml:17:10: id «meja» dipakai dua kali",
)
bad(
    "two roles of one name",
    ORG,
    [("name: Kepala Uji", "name: meja uji")],
    "uji/organization.yaml:17:39: nama «meja uji» sudah dipakai oleh role:uji:meja; di Redmine nama ini hanya boleh satu",
)
bad(
    "two fields of one name",
    POS,
    [("name: Hasil,", "name: Jenis,")],
    "uji/layanan.yaml:15:23: nama «Jenis» sudah dipakai oleh field:uji/layanan:jenis; di Redmine nama ini hanya boleh satu",
)
bad(
    "the connector's field name",
    POS,
    [("name: Hasil,", "name: Langkah,")],
    "uji/layanan.yaml:15:23: nama «Langkah» sudah dipakai oleh sop (isian konektor); di Redmine nama ini hanya boleh satu",
)
bad(
    "a step's id twice",
    POS,
    [("    id: kerja\n", "    id: periksa\n"), ("lengkap: kerja", "lengkap: selesai")],
    "uji/layanan.yaml:31:9: id «periksa» dipakai dua kali",
)
bad(
    "a step's number twice",
    POS,
    [('no: "3"', 'no: "2"')],
    "uji/layanan.yaml:30:9: no «2» dipakai dua kali",
)
bad(
    "an end with a step's id",
    POS,
    [
        ("{id: batal, status: Dibatalkan", "{id: kerja, status: Dibatalkan"),
        ("withdrawn: batal", "withdrawn: kerja"),
    ],
    "uji/layanan.yaml:53:10: «kerja» sudah menjadi id sebuah langkah",
)
bad(
    "a status twice",
    POS,
    [("status: Pengerjaan", "status: Pemeriksaan")],
    "uji/layanan.yaml:33:13: status «Pemeriksaan» dipakai dua kali dalam POS ini",
)
bad(
    "a status like another",
    POS,
    [("status: Pengerjaan", "status: Permohonan-masuk")],
    "uji/layanan.yaml:33:13: status «Permohonan-masuk» dipakai dua kali dalam POS ini",
)
bad(
    "no role",
    POS,
    [("    roles: [meja]\n    limit", "    limit")],
    "uji/layanan.yaml:19:5: langkah «periksa» tidak mempunyai peran",
)
bad(
    "no outcome",
    POS,
    [
        (
            "    outcomes:\n      selesai:\n        to: selesai\n        tell:\n          - {to: [pemohon], text: Sudah selesai.}\n",
            "",
        )
    ],
    "uji/layanan.yaml:30:5: langkah «kerja» tidak mempunyai hasil (outcomes)",
    "uji/layanan.yaml:46:1: akhir yang berhasil tidak pernah tercapai dari langkah pertama",
)
bad(
    "unreachable",
    POS,
    [("      lengkap: kerja\n", "      lengkap: selesai\n")],
    "uji/layanan.yaml:30:5: langkah «kerja» tidak pernah tercapai dari langkah pertama",
)
bad(
    "two outcomes to one place",
    POS,
    [("      kurang: pengajuan", "      kurang: pengajuan\n      lagi: kerja")],
    "uji/layanan.yaml:30:13: hasil «lengkap» dan «lagi» menuju tempat yang sama, jadi tidak dapat dibedakan",
)
bad(
    "tickets of a step that is there, or to one that is not",
    POS,
    [
        (
            "withdrawn: batal\n",
            "withdrawn: batal\nmoved_to:\n  kerja: periksa\n  dulu: perksa\n  awal: pengajuan\n",
        )
    ],
    "uji/layanan.yaml:14:10: «kerja» masih ada dalam POS ini; moved_to hanya untuk langkah yang sudah dihapus",
    "uji/layanan.yaml:15:9: langkah berstatus «perksa» tidak ada; mungkin maksud Anda «periksa»",
    "uji/layanan.yaml:16:9: langkah berstatus «pengajuan» tidak ada",
)
bad(
    "an outcome to itself",
    POS,
    [("      kurang: pengajuan", "      kurang: periksa")],
    "uji/layanan.yaml:29:15: hasil «kurang» menuju langkah itu sendiri",
)
bad(
    "no success",
    POS,
    [(", success: true", "")],
    "uji/layanan.yaml:51:1: tidak ada akhir dengan success: true",
)
bad(
    "success never reached",
    POS,
    [("        to: selesai\n", "        to: batal\n")],
    "uji/layanan.yaml:51:1: akhir yang berhasil tidak pernah tercapai dari langkah pertama",
)
bad(
    "no status at all",
    POS,
    [("    status: Pemeriksaan\n", ""), ("    status: Pengerjaan\n", "")],
    "uji/layanan.yaml:17:1: tidak ada langkah yang mempunyai status",
)
bad(
    "a reminder of nothing",
    POS,
    [("{reason: perbaikan}", "{reason: perbaikan, remind: [1 minggu]}")],
    "uji/layanan.yaml:11:30: remind mengingatkan sebelum limit lewat, jadi ditulis bersamanya",
)
bad(
    "a reminder twice",
    POS,
    [
        (
            "{reason: perbaikan}",
            "{reason: perbaikan, limit: 1 bulan, expires: batal, remind: [1 minggu, 7 hari, 1 minggu]}",
        ),
        ("withdrawn: batal\n", ""),
    ],
    "uji/layanan.yaml:11:89: pengingat «1 minggu» ditulis dua kali",
)
bad(
    "a duty whose document nobody makes",
    POS,
    [
        (
            "ends:\n",
            '  - {no: "4", id: lapor, kind: duty, title: L, every: 1 minggu, roles: [meja], outputs: [{id: lampiran, kind: document}]}\nends:\n',
        ),
        (
            "steps:\n",
            "  - {id: lampiran, name: Lampiran, label: Lampiran, type: file}\nsteps:\n",
        ),
    ],
    "uji/layanan.yaml:52:90: kewajiban berkala «lapor» dilaporkan orang; konektor tidak membuat dokumennya",
    "uji/layanan.yaml:52:90: dokumen «lampiran» tidak ada",
)
bad(
    "a document that nobody says",
    POS,
    [("  - id: surat\n    template", "  - id: surat_lain\n    template")],
    "uji/layanan.yaml:45:9: dokumen «surat» tidak ada; mungkin maksud Anda «surat_lain»",
    "uji/layanan.yaml:55:9: dokumen «surat_lain» tidak dibuat oleh langkah mana pun",
)
bad(
    "a document that is no file",
    POS,
    [("{id: surat, kind: document", "{id: hasil, kind: document")],
    "uji/layanan.yaml:16:10: isian «surat» tidak dipakai di formulir atau langkah mana pun",
    "uji/layanan.yaml:45:9: dokumen «hasil» tidak ada",
    "uji/layanan.yaml:45:9: keluaran «hasil» berupa berkas, tetapi isiannya bukan type file",
    "uji/layanan.yaml:55:9: dokumen «surat» tidak dibuat oleh langkah mana pun",
)
bad(
    "a document said twice",
    POS,
    [
        (
            "    signers:\n      - {role: kepala}\n",
            "  - {id: surat, template: surat, kind: surat, title: Surat, body: []}\n",
        )
    ],
    "uji/layanan.yaml:63:10: id «surat» dipakai dua kali",
)
bad(
    "a document that people must give again",
    POS,
    [("label: Surat, type: file", "label: Surat, renew: true, type: file")],
    "uji/layanan.yaml:45:9: dokumen «surat» diganti dengan yang baru, jadi isiannya tidak boleh renew: true",
)
bad(
    "a document after an outcome that is none",
    POS,
    [("{id: surat, kind: document}", "{id: surat, kind: document, after: [selese]}")],
    "uji/layanan.yaml:45:45: hasil «selese» tidak ada; mungkin maksud Anda «selesai»",
)
SIGNED = "    signers:\n      - {role: kepala}\n"
bad(
    "issued again where nobody signs",
    POS,
    [(SIGNED, SIGNED + "    again_after: [kerja]\n")],
    "uji/layanan.yaml:65:19: langkah penanda tangan «kerja» tidak ada",
)
bad(
    "issued again where it is made",
    POS,
    [
        ("{id: surat, kind: document}", "{id: surat, kind: document, after: [selesai]}"),
        (SIGNED, "    signers:\n      - {role: kepala, step: kerja}\n    again_after: [kerja]\n"),
    ],
    "uji/layanan.yaml:65:19: dokumen «surat» baru dibuat ketika langkah «kerja» ditinggalkan",
)
bad(
    "signed by the requester where he is not asked",
    POS,
    [
        (
            "      selesai:\n        to: selesai\n",
            "      selesai:\n        to: selesai\n        countersign: {documents: {surat: jenis, nota: surat}}\n",
        )
    ],
    "uji/layanan.yaml:49:9: langkah «kerja» bukan langkah pemohon di halaman pelacakan",
    "uji/layanan.yaml:49:9: kode dikirim lewat email, tetapi POS ini tidak menanyakan alamat email",
    "uji/layanan.yaml:49:42: dokumen «surat» tidak memuat tempat tanda tangan pemohon (signers: requester: true)",
    "uji/layanan.yaml:49:42: isian «jenis» bukan type file",
    "uji/layanan.yaml:49:55: dokumen «nota» tidak ada",
    "uji/layanan.yaml:49:55: pindaian diunggah ke «surat», yang bukan keluaran kind: upload langkah ini",
)
bad(
    "after for what people leave",
    POS,
    [("    outputs: [hasil]", "    outputs:\n      - {id: hasil, after: [lengkap]}")],
    "uji/layanan.yaml:27:21: keluaran «hasil»: after hanya untuk kind document",
)
bad(
    "a text that names nothing",
    POS,
    [('"Nomor {nomor}"', '"Hasil: {hasl} pada {tanggl}"')],
    "uji/layanan.yaml:60:15: isian atau keterangan «hasl» tidak ada; mungkin maksud Anda «hasil»",
    "uji/layanan.yaml:60:15: isian atau keterangan «tanggl» tidak ada; mungkin maksud Anda «tanggal»",
)
bad(
    "a text with half a bracket and half a star",
    POS,
    [('"Nomor {nomor}"', '"Hasil: {hasil *tebal"')],
    "uji/layanan.yaml:60:15: kurung kurawal pada teks ini tidak berpasangan",
    "uji/layanan.yaml:60:15: bintang (*tebal*) pada teks ini tidak berpasangan",
)
bad(
    "a row of a field that is none",
    POS,
    [("{label: Jenis, fields: [jenis]}", "{label: Jenis, fields: [jens], outcomes_of: [krja]}")],
    "uji/layanan.yaml:62:37: isian «jens» tidak ada; mungkin maksud Anda «jenis»",
    "uji/layanan.yaml:62:58: langkah berstatus «krja» tidak ada; mungkin maksud Anda «kerja»",
)
bad(
    "a row that says nothing",
    POS,
    [("{label: Jenis, fields: [jenis]}", "{label: Jenis}")],
    "uji/layanan.yaml:62:13: baris «Jenis» memerlukan fields, text, outcomes_of, atau blank",
)
bad(
    "boxes for what is no choice",
    POS,
    [("{label: Jenis, fields: [jenis]}", "{label: Hasil, fields: [hasil], checks: true}")],
    "uji/layanan.yaml:62:53: baris «Hasil»: checks hanya untuk isian type choice",
)
bad(
    "a part of two kinds",
    POS,
    [('- text: "Nomor {nomor}"', "- {text: Hasil, heading: Hasil}")],
    "uji/layanan.yaml:60:9: satu bagian memuat tepat satu dari text, heading, centre, items, rows, official, lines, costs,"
    " scores, form, steps, files; yang ini: text, heading",
)
bad(
    "lines of a field that has one, costs too, scores without marks, a case that never comes",
    POS,
    [
        (
            '      - text: "Nomor {nomor}"\n',
            """\
      - lines: {field: hasil, columns: [Hasil]}
      - costs: {field: hasil}
      - scores: [jenis]
      - {steps: true, when: {jenis: C}}
""",
        )
    ],
    "uji/layanan.yaml:60:24: isian «hasil» bukan type paragraph",
    "uji/layanan.yaml:61:24: isian «hasil» bukan type paragraph",
    "uji/layanan.yaml:62:18: pilihan isian «jenis» tidak diawali angka nilai",
    "uji/layanan.yaml:63:37: pilihan isian «jenis» «C» tidak ada",
)
bad(
    "a signer that is nobody, and one that is two",
    POS,
    [
        (
            "      - {role: kepala}",
            "      - {role: kepla}\n      - {role: meja, requester: true}\n      - {words: Saksi}",
        )
    ],
    "uji/layanan.yaml:65:9: penanda tangan memerlukan role atau requester: true, salah satu saja",
    "uji/layanan.yaml:66:9: penanda tangan memerlukan role atau requester: true, salah satu saja",
)
bad(
    "a signer who is not there, and one who does not act where he signs",
    POS,
    [
        (
            "      - {role: kepala}",
            "      - {role: kepla}\n      - {role: kepala, step: periksa}\n      - {role: kepala, step: krja}",
        )
    ],
    "uji/layanan.yaml:64:16: peran «kepla» tidak ada; mungkin maksud Anda «kepala»",
    "uji/layanan.yaml:65:30: penanda tangan bukan pelaku langkah «periksa»",
    "uji/layanan.yaml:66:30: langkah berstatus «krja» tidak ada; mungkin maksud Anda «kerja»",
)
bad(
    "a document that tells who asked to those who may not know",
    POS,
    [('"Nomor {nomor}"', '"Hasil untuk {nama}"')],
    "uji/layanan.yaml:55:9: dokumen «surat» memuat data pribadi («nama»); beri isian dokumennya personal: true",
)
bad(
    "a document that shows what only some may see",
    POS,
    [("label: Jenis, type: choice", "label: Jenis, visible_to: [meja, kepala], type: choice")],
    "uji/layanan.yaml:55:9: dokumen «surat» memuat isian «jenis», yang hanya terlihat oleh peran tertentu; beri isian"
    " dokumennya visible_to yang sama",
)
bad(
    "a registrar without account",
    POS,
    [("registrars: [meja]", "registrars: [meja, pemohon]")],
    "uji/layanan.yaml:10:20: peran «pemohon» tidak mempunyai akun Redmine, jadi tidak dapat bertindak",
)
bad(
    "a told role that acts",
    POS,
    [("    roles: [meja]\n    limit", "    roles: [meja, surat]\n    limit")],
    "uji/layanan.yaml:23:19: peran «surat» hanya diberi tahu, jadi tidak dapat menjalankan langkah",
)
bad(
    "a way without an end",
    POS,
    [
        ("      kurang: pengajuan", "      kurang: pengajuan\n      putar: lingkar"),
        (
            "ends:\n",
            '  - {no: "4", id: lingkar, title: L, status: Lingkar, roles: [meja], outcomes: {balik: balik}}\n  - {no: "5", id: balik, title: B, status: Balik, roles: [meja], outcomes: {lagi: lingkar}}\nends:\n',
        ),
    ],
    "uji/layanan.yaml:52:5: dari langkah «lingkar» tidak ada jalan ke akhir mana pun",
    "uji/layanan.yaml:53:5: dari langkah «balik» tidak ada jalan ke akhir mana pun",
)
bad(
    "a first need that the form does not ask",
    POS,
    [("needs: [nama]", "needs: [nama, hasil]")],
    "uji/layanan.yaml:25:19: kelengkapan «hasil» dari langkah pertama tidak ditanyakan pada formulir",
)
bad(
    "a first need that may be blank",
    POS,
    [("{id: jenis, name", "{id: jenis, required: false, name"), ("needs: [nama]", "needs: [nama, jenis]")],
    "uji/layanan.yaml:25:19: kelengkapan «jenis» dari langkah pertama boleh kosong pada formulir",
)
bad(
    "a document needed before it is made",
    POS,
    [("      - field: hasil\n        when: {jenis: A}", "      - surat")],
    "uji/layanan.yaml:42:9: dokumen «surat» belum tentu dibuat sebelum ini (dari langkah «periksa»)",
)
bad(
    "a need hidden from who must give it",
    POS,
    [("{id: hasil, name: Hasil,", "{id: hasil, visible_to: [kepala], name: Hasil,")],
    "uji/layanan.yaml:42:9: kelengkapan «hasil» tidak terlihat oleh pelaku langkah «periksa» (meja)",
)
bad(
    "a need the requester is not asked for",
    POS,
    [
        (
            '  - no: "3"\n',
            '  - {no: "2a", id: setuju, title: S, status: Setuju, roles: [pemohon], outcomes: {ya: kerja}}\n  - no: "3"\n',
        ),
        ("lengkap: kerja", "lengkap: setuju"),
        ("    outputs: [hasil]\n", ""),
        ("      - field: hasil\n        when: {jenis: A}", "      - hasil"),
    ],
    "uji/layanan.yaml:42:9: kelengkapan «hasil» tidak ditanyakan kepada pemohon pada langkah «setuju»",
)
bad(
    "a duty that never comes round",
    POS,
    [("ends:\n", '  - {no: "4", id: lapor, kind: duty, title: L, roles: [meja]}\nends:\n')],
    "uji/layanan.yaml:51:5: langkah «lapor»: every ditulis untuk kind duty, dan hanya untuk itu",
)
bad(
    "a step that comes round",
    POS,
    [("    limit: 30 menit\n", "    limit: 30 menit\n    every: 1 minggu\n")],
    "uji/layanan.yaml:19:5: langkah «periksa»: every ditulis untuk kind duty, dan hanya untuk itu",
)
bad(
    "a duty that is a place of its own",
    POS,
    [
        (
            "ends:\n",
            '  - {no: "4", id: lapor, kind: duty, title: L, status: Lapor, every: 1 minggu, limit: 1 jam, roles: [meja], needs: [jenis], outcomes: {ya: kerja}}\nends:\n',
        )
    ],
    "uji/layanan.yaml:51:5: langkah «lapor» tidak pernah tercapai dari langkah pertama",
    "uji/layanan.yaml:51:56: kewajiban berkala «lapor» tidak mempunyai status",
    "uji/layanan.yaml:51:87: kewajiban berkala «lapor» tidak mempunyai limit",
    "uji/layanan.yaml:51:109: kewajiban berkala «lapor» tidak mempunyai needs",
    "uji/layanan.yaml:51:125: kewajiban berkala «lapor» tidak mempunyai outcomes",
)
bad(
    "a duty that is reached",
    POS,
    [
        ("      kurang: pengajuan", "      kurang: pengajuan\n      lapor: lapor"),
        (
            "ends:\n",
            '  - {no: "4", id: lapor, kind: duty, title: L, every: 1 minggu, roles: [meja]}\nends:\n',
        ),
    ],
    "uji/layanan.yaml:30:14: hasil «lapor» menuju kewajiban berkala «lapor», yang bukan tempat tiket",
)
bad(
    "a duty of nobody",
    POS,
    [("ends:\n", '  - {no: "4", id: lapor, kind: duty, title: L, every: 1 minggu}\nends:\n')],
    "uji/layanan.yaml:51:5: langkah «lapor» tidak mempunyai peran",
)
bad(
    "a duty beside no step",
    POS,
    [
        (
            '  - no: "2"\n',
            '  - {no: "1a", id: lapor, kind: duty, title: L, every: 1 minggu, roles: [meja]}\n  - no: "2"\n',
        )
    ],
    "uji/layanan.yaml:19:5: kewajiban berkala «lapor» harus ditulis sesudah langkah yang berstatus",
)
bad(
    "a limit of waiting without an end",
    POS,
    [("{reason: perbaikan}", "{reason: perbaikan, limit: 1 bulan}")],
    "uji/layanan.yaml:11:1: limit dan expires harus ditulis bersama",
)
bad(
    "an end of waiting without a limit",
    POS,
    [("{reason: perbaikan}", "{reason: perbaikan, expires: batal}")],
    "uji/layanan.yaml:11:1: limit dan expires harus ditulis bersama",
)
bad(
    "unknown end of waiting",
    POS,
    [("{reason: perbaikan}", "{reason: perbaikan, limit: 1 bulan, expires: bata}")],
    "uji/layanan.yaml:11:55: akhir «bata» tidak ada; mungkin maksud Anda «batal»",
)
bad(
    "an end of waiting that somebody must fill in",
    POS,
    [
        ("{reason: perbaikan}", "{reason: perbaikan, limit: 1 bulan, expires: batal}"),
        ("status: Dibatalkan,", "status: Dibatalkan, needs: [nama],"),
    ],
    "uji/layanan.yaml:11:55: akhir «batal» dicapai tanpa petugas, jadi tidak boleh mempunyai kelengkapan (needs)",
)
bad(
    "an address of who is staff",
    ORG,
    [("name: Kepala Uji}", "name: Kepala Uji, address: nama}")],
    "uji/organization.yaml:17:5: peran «kepala»: address hanya untuk kind told",
)
bad(
    "a handed file that is none",
    POS,
    [("        to: selesai\n", "        to: selesai\n        hands: [hasil]\n")],
    "uji/layanan.yaml:49:17: isian «hasil» yang diserahkan kepada pemohon bukan type file",
)
bad(
    "an unknown field of a message",
    POS,
    [("text: Sudah selesai.", "text: Sudah selesai., details: [hasl]")],
    "uji/layanan.yaml:50:61: isian «hasl» tidak ada; mungkin maksud Anda «hasil»",
)
bad(
    "optional at the desk, but not on the form",
    POS,
    [("fields: [nama, jenis]", "fields: [nama, jenis]\n  optional_at_desk: [hasil]")],
    "uji/layanan.yaml:10:22: isian formulir «hasil» tidak ada",
)
bad(
    "a first need that the desk may leave blank",
    POS,
    [("fields: [nama, jenis]", "fields: [nama, jenis]\n  optional_at_desk: [nama]")],
    "uji/layanan.yaml:26:13: kelengkapan «nama» dari langkah pertama boleh dikosongkan petugas",
)
bad(
    "an end that is taken back into no step",
    POS,
    [("title: Dibatalkan}", "title: Dibatalkan, reopen: {within: 14 hari, to: pengajuan, roles: [meja]}}")],
    "uji/layanan.yaml:53:86: langkah berstatus «pengajuan» tidak ada",
)
bad(
    "an end taken back by a role that is not there",
    POS,
    [("title: Dibatalkan}", "title: Dibatalkan, reopen: {within: 14 hari, to: kerja, roles: [mejja]}}")],
    "uji/layanan.yaml:53:101: peran «mejja» tidak ada; mungkin maksud Anda «meja»",
)
bad(
    "an end taken back by whoever has no account",
    POS,
    [("title: Dibatalkan}", "title: Dibatalkan, reopen: {within: 14 hari, to: kerja, roles: [pemohon]}}")],
    "uji/layanan.yaml:53:101: peran «pemohon» tidak mempunyai akun Redmine, jadi tidak dapat bertindak",
)
bad(
    "an end taken back by nobody",
    POS,
    [("title: Dibatalkan}", "title: Dibatalkan, reopen: {within: 14 hari, to: kerja, roles: []}}")],
    "uji/layanan.yaml:53:93: «roles» tidak boleh kosong",
)
bad(
    "an end taken back within no time",
    POS,
    [("title: Dibatalkan}", "title: Dibatalkan, reopen: {within: sebentar, to: kerja, roles: [meja]}}")],
    "uji/layanan.yaml:53:73: «sebentar» bukan batas waktu; tulis angka dan satuan (menit, jam, hari kerja, hari, minggu, bulan), misalnya «1 hari kerja»",
)
ALERTS = """\
registrars: [meja]
alerts:
  match: {layanan: web}
  fields:
    nama: "{labels.instance}"
    jenis: A
"""
bad(
    "alerts that fill an unknown field",
    POS,
    [("registrars: [meja]\n", ALERTS.replace("    nama:", "    namaa:"))],
    "uji/layanan.yaml:14:5: isian «namaa» tidak ada; mungkin maksud Anda «nama»",
)
bad(
    "alerts that leave a first need open",
    POS,
    [("registrars: [meja]\n", ALERTS.replace("    jenis: A\n", ""))],
    "uji/layanan.yaml:13:3: isian «jenis» diperlukan langkah pertama, jadi harus diisi dari peringatan",
)
bad(
    "alerts that choose what is no choice",
    POS,
    [("registrars: [meja]\n", ALERTS.replace("jenis: A", "jenis: C"))],
    "uji/layanan.yaml:15:12: «C» bukan pilihan isian «jenis»; pilihannya: A, B",
)
bad(
    "alerts with another placeholder",
    POS,
    [("registrars: [meja]\n", ALERTS.replace("{labels.instance}", "{label.instance}"))],
    "uji/layanan.yaml:14:11: «{label.instance}» memakai kurung kurawal selain {labels.NAMA} dan {annotations.NAMA}",
)
bad(
    "alerts that fill a file",
    POS,
    [("registrars: [meja]\n", ALERTS + '    surat: "{labels.job}"\n')],
    "uji/layanan.yaml:16:12: isian «surat» tidak dapat diisi dari peringatan; hanya type text, paragraph, atau choice",
)
bad(
    "alerts of everything",
    POS,
    [("registrars: [meja]\n", ALERTS.replace("{layanan: web}", "{}"))],
    "uji/layanan.yaml:12:3: «match» tidak boleh kosong",
)
bad(
    "a wrong key of alerts",
    POS,
    [("registrars: [meja]\n", ALERTS.replace("  match:", "  cocok: x\n  match:"))],
    "uji/layanan.yaml:12:3: kunci «cocok» tidak dikenal di sini",
)
bad(
    "a mail that fills an unknown field",
    POS,
    [("registrars: [meja]\n", "registrars: [meja]\nby_mail: {subject: hasl}\n")],
    "uji/layanan.yaml:11:20: isian «hasl» tidak ada; mungkin maksud Anda «hasil»",
)
bad(
    "a mail that chooses",
    POS,
    [("registrars: [meja]\n", "registrars: [meja]\nby_mail: {text: jenis}\n")],
    "uji/layanan.yaml:11:17: isian «jenis» tidak dapat diisi dari surat; hanya type text atau paragraph",
)
bad(
    "a duplicate that nobody declares",
    POS,
    [("title: Dibatalkan}", "title: Dibatalkan, duplicate: true, success: true}")],
    "uji/layanan.yaml:53:67: akhir «batal» adalah duplikat, jadi bukan keberhasilan (success)",
    "uji/layanan.yaml:53:67: akhir duplikat «batal» tidak dicapai dari langkah mana pun",
    "uji/layanan.yaml:53:67: akhir duplikat «batal» juga dipakai withdrawn atau waiting.expires, yang tidak menunjuk tiket",
)
bad(
    "a duplicate that the requester would declare",
    POS,
    [
        ("      lengkap: kerja\n", "      lengkap: kerja\n      sama: sama\n"),
        ("    roles: [meja]\n", "    roles: [pemohon]\n"),
        ("  - {id: batal,", "  - {id: sama, status: Sama, title: Sama, duplicate: true}\n  - {id: batal,"),
    ],
    "uji/layanan.yaml:54:54: akhir duplikat «sama» dipilih pemohon pada langkah «periksa»; ia tidak melihat tiket lain",
)


# what forms ask -------------------------------------------------------------------------------------------------

FORM = "  fields: [nama, jenis]\n"
bad(
    "a condition on an unknown answer",
    POS,
    [(FORM, FORM + "  when: {nama: {jeni: A}}\n")],
    "uji/layanan.yaml:10:23: isian «jeni» tidak ditanyakan sebelum «nama» pada formulir ini",
)
bad(
    "a condition on a later answer",
    POS,
    [(FORM, FORM + "  when: {nama: {jenis: A}}\n")],
    "uji/layanan.yaml:10:24: isian «jenis» tidak ditanyakan sebelum «nama» pada formulir ini",
)
bad(
    "a condition on a value that is no choice",
    POS,
    [(FORM, "  fields: [jenis, nama]\n  when: {nama: {jenis: [A, C]}}\n"), ("    needs: [nama]\n", "")],
    "uji/layanan.yaml:10:17: pilihan isian «jenis» «C» tidak ada",
)
bad(
    "a condition for a field that is not asked",
    POS,
    [(FORM, FORM + "  when: {hasil: {jenis: A}}\n")],
    "uji/layanan.yaml:10:10: isian formulir «hasil» tidak ada",
)
bad(
    "a condition on what is no choice",
    POS,
    [(FORM, FORM + "  when: {jenis: {nama: A}}\n")],
    "uji/layanan.yaml:10:24: isian «nama» bukan type choice, jadi tidak dapat menjadi syarat",
)
bad(
    "a need that is asked only sometimes",
    POS,
    [(FORM, "  fields: [jenis, nama]\n  when: {nama: {jenis: A}}\n")],
    "uji/layanan.yaml:26:13: kelengkapan «nama» dari langkah pertama hanya ditanyakan bila syaratnya terpenuhi",
)
bad(
    "domains without an address",
    POS,
    [(FORM, FORM + "  email_domains: [unj.ac.id]\n")],
    "uji/layanan.yaml:10:3: email_domains memerlukan isian type email pada formulir",
)
bad(
    "a domain that is none",
    POS,
    [(FORM, FORM + '  email_domains: ["@unj.ac.id"]\n')],
    "uji/layanan.yaml:10:19: «@unj.ac.id» tidak dapat dipakai untuk «0»: tulis domain dengan huruf kecil, misalnya «unj.ac.id»",
)
bad(
    "a code for an address that may be empty",
    POS,
    [
        (FORM, "  fields: [nama, jenis, surel]\n  verify_email: true\n"),
        (
            "  - {id: surat, name: Surat, label: Surat, type: file}\n",
            (
                "  - {id: surat, name: Surat, label: Surat, type: file}\n"
                "  - {id: surel, name: Surel, label: Surel, type: email, required: false}\n"
            ),
        ),
    ],
    "uji/layanan.yaml:10:17: verify_email memerlukan isian email yang wajib; «surel» boleh kosong",
)
HASIL = "label: Hasil, type: text}"
bad(
    "several files in a text",
    POS,
    [(HASIL, "label: Hasil, type: text, max_files: 2}")],
    "uji/layanan.yaml:15:67: isian «hasil»: max_files hanya untuk type file",
)
bad(
    "endings of a text",
    POS,
    [(HASIL, "label: Hasil, type: text, accept: [.pdf]}")],
    "uji/layanan.yaml:15:56: isian «hasil»: accept hanya untuk type file",
)
bad(
    "kinds of identity of a text",
    POS,
    [(HASIL, "label: Hasil, type: text, identities: [nip]}")],
    "uji/layanan.yaml:15:56: isian «hasil»: identities hanya untuk type identity",
)
bad(
    "an unknown kind of identity",
    POS,
    [(HASIL, "label: Hasil, type: identity, identities: [nik, npi]}")],
    "uji/layanan.yaml:15:78: jenis nomor identitas «npi» tidak ada; mungkin maksud Anda «nip»",
)
bad(
    "a kind of identity that all have",
    ORG,
    [("signatories:", 'identities:\n  - {id: nik, name: NIK, pattern: "[0-9]+"}\nsignatories:')],
    "uji/organization.yaml:12:1: id «nik» dipakai dua kali",
)
bad(
    "a pattern that is none",
    ORG,
    [("signatories:", 'identities:\n  - {id: nim, name: NIM, pattern: "[0-9"}\nsignatories:')],
    "uji/organization.yaml:13:35: «[0-9» bukan pola (regular expression) yang sah: unterminated character set at position 0",
)
bad(
    "an unknown category",
    POS,
    [("summary: Untuk", "category: gangguan\nsummary: Untuk")],
    "uji/layanan.yaml:5:11: kelompok layanan «gangguan» tidak ada",
)
bad(
    "a logo that is not there",
    ORG,
    [("city: Jakarta", "city: Jakarta\nlogo: logo.png")],
    "uji/organization.yaml:7:7: berkas logo «logo.png» tidak ada di samping organization.yaml",
)
bad(
    "a logo that can hold scripts",
    ORG,
    [("city: Jakarta", "city: Jakarta\nlogo: logo.svg")],
    "uji/organization.yaml:7:7: «logo.svg» tidak dapat dipakai untuk «logo»: tulis nama berkas PNG, JPG, atau WebP; SVG tidak diterima",
)

# English --------------------------------------------------------------------------------------------------------

bad(
    "English for what is not there",
    POS,
    [(HASIL, "label: Hasil, type: text, en: {help: Result}}")],
    "uji/layanan.yaml:15:5: isian «hasil»: en.help ditulis tanpa help",
)
bad(
    "an English key that is none",
    POS,
    [(HASIL, "label: Hasil, type: text, en: {labl: Result}}")],
    "uji/layanan.yaml:15:61: kunci «labl» tidak dikenal di sini; mungkin maksud Anda «label»",
)
bad(
    "as many English choices as choices",
    POS,
    [("choices: [A, B]}", "choices: [A, B], en: {choices: [A]}}")],
    "uji/layanan.yaml:14:5: isian «jenis»: en.choices harus sebanyak choices (2), ini 1",
)
bad(
    "acting officers at the same time",
    ORG,
    [
        (
            "office: Kepala}",
            "office: Kepala, acting: [{title: Plh., name: A, from: 2026-11-01, until: 2026-11-10}, {title: Plt., name: B, from: 2026-11-10, until: 2026-12-01}]}",
        )
    ],
    "uji/organization.yaml:13:135: Plt. B bersamaan dengan Plh. A; pada satu hari hanya satu yang menandatangani",
)
bad(
    "an acting officer whose days go backwards",
    ORG,
    [
        (
            "office: Kepala}",
            "office: Kepala, acting: [{title: Plh., name: A, from: 2026-11-10, until: 2026-11-01}]}",
        )
    ],
    "uji/organization.yaml:13:93: until (2026-11-01) mendahului from (2026-11-10)",
)

HEAD = (
    "- {id: surat, title: Penerima surat",
    "- {id: pimpinan, title: Pimpinan, name: Pimpinan Uji, unit: unit}\n  - {id: surat, title: Penerima surat",
)
UNITS = (
    "roles:\n",
    "units:\n  - {name: Fakultas A, also: [FA], heads: [a@uji.id]}\n  - {name: fa, heads: [b@uji.id]}\nroles:\n",
)
bad(
    "a role bound to a unit and no directory",
    ORG,
    [HEAD],
    "uji/organization.yaml:18:63: peran «pimpinan» terikat unit, tetapi daftar unit (units) kosong: tidak seorang pun dapat bertindak",
)
bad(
    "a name of two units",
    ORG,
    [UNITS],
    "uji/organization.yaml:16:5: nama «fa» sudah dipakai unit «Fakultas A»",
)
bad(
    "a unit without a head's address",
    ORG,
    [("roles:\n", "units:\n  - {name: Fakultas A, heads: [Dekan]}\nroles:\n")],
    "uji/organization.yaml:15:32: «Dekan» tidak dapat dipakai untuk «0»: tulis satu alamat email, misalnya «dekan.ft@unj.ac.id»",
)
bad(
    "a requester's role bound to a unit",
    ORG,
    [("kind: requester}", "kind: requester, unit: unit}")],
    "uji/organization.yaml:15:5: peran «pemohon»: unit hanya untuk kind staff",
)
bad(
    "silence where no requester is asked",
    POS,
    [
        (
            "    limit: 30 menit\n",
            "    limit: 30 menit\n    unanswered: {to: kerja, label: dianggap lengkap}\n",
        )
    ],
    "uji/layanan.yaml:25:5: langkah «periksa» bukan langkah pemohon di portal, jadi tidak menunggu jawabannya",
    "uji/layanan.yaml:25:22: «kerja» memerlukan hasil, yang tidak ada bila pemohon diam",
)
bad(
    "silence that leads nowhere",
    POS,
    [
        (
            "    roles: [meja]\n    limit: 30 menit\n",
            "    roles: [pemohon]\n    limit: 30 menit\n    unanswered: {to: kerjaan, label: dianggap lengkap}\n",
        ),
    ],
    "uji/layanan.yaml:25:22: langkah berstatus atau akhir «kerjaan» tidak ada; mungkin maksud Anda «kerja»",
)
bad(
    "silence without a limit, to an end that needs something",
    POS,
    [
        (
            "    roles: [meja]\n    limit: 30 menit\n",
            "    roles: [pemohon]\n    unanswered: {to: batal, label: dianggap batal}\n",
        ),
        ("title: Dibatalkan}", "title: Dibatalkan, needs: [hasil]}"),
    ],
    "uji/layanan.yaml:24:5: langkah «periksa» tidak mempunyai batas waktu, jadi tidak pernah lewat",
    "uji/layanan.yaml:24:22: «batal» memerlukan hasil, yang tidak ada bila pemohon diam",
)
bad(
    "a survey of what has no marks, and of what is not there",
    POS,
    [("withdrawn: batal", "withdrawn: batal\nsurvey: {elements: [jenis, jenes], remark: kesan}")],
    "uji/layanan.yaml:13:21: unsur «jenis» harus isian pilihan yang diawali nilai, misalnya «4 Sangat baik»",
    "uji/layanan.yaml:13:28: isian «jenes» tidak ada; mungkin maksud Anda «jenis»",
    "uji/layanan.yaml:13:44: isian «kesan» tidak ada",
)
