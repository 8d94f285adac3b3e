"""A list of subscribers as a utility exports it: as many as asked for, in all neighbourhoods, always the same."""

import csv
import random
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

from outages.seeds import AreaSeed
from subscribers.check_digit import with_check_digit

FIRST = "Ayşe Fatma Emine Zeynep Elif Meryem Şerife Özlem Çiğdem Mehmet Mustafa Ahmet Ali Hüseyin İbrahim Ömer Şükrü"
LAST = "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Çetin Kara Koç Kurt Işık"
STREETS = "Okul Atatürk Cumhuriyet İstiklal Gazi Lale Menekşe Çınar Zafer Barış"
COLUMNS = ("Abone No", "Ad Soyad", "Telefon", "Telefon 2", "İlçe", "Mahalle", "Adres", "Sayaç No", "SMS izni")
AGREED = "İzin tarihi"
FIRST_NUMBER = 1_000_000
SECOND_PHONE, CONSENT, NO_PHONE = 0.15, 0.3, 0.05
"""Shares of the subscribers."""


def write_list(
    path: Path,
    rows: int,
    areas: Sequence[AreaSeed],
    bad_line: int | None = None,
    first_number: int = FIRST_NUMBER,
) -> None:
    """`bad_line`: where a number with a wrong check digit stands, if anywhere."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow((*COLUMNS, AGREED))
        for line, row in enumerate(islice(_rows(areas, first_number), rows), 2):
            if line == bad_line:
                row[0] = f"{row[0][:-1]}{(int(row[0][-1]) + 1) % 10}"
            writer.writerow(row)


def _rows(areas: Sequence[AreaSeed], first_number: int) -> Iterator[list[str]]:
    dice = random.Random(185)
    inside = [area for area in areas if area.kind == "neighbourhood"]
    first, last, streets = FIRST.split(), LAST.split(), STREETS.split()
    for digits in count(first_number):
        area = dice.choice(inside)
        consent = dice.random() < CONSENT
        yield [
            with_check_digit(str(digits), "luhn") or "",
            f"{dice.choice(first)} {dice.choice(last)}",
            "" if dice.random() < NO_PHONE else _mobile(dice),
            _mobile(dice) if dice.random() < SECOND_PHONE else "",
            area.district or "",
            area.name,
            f"{dice.choice(streets)} Cad. No:{dice.randrange(1, 200)} D:{dice.randrange(1, 40)}",
            f"S{dice.randrange(10**8):08}",
            "evet" if consent else "",
            f"{dice.randrange(1, 28):02}.{dice.randrange(1, 13):02}.2025" if consent else "",
        ]


def _mobile(dice: random.Random) -> str:
    return f"05{dice.randrange(30, 56)} {dice.randrange(1000):03} {dice.randrange(100):02} {dice.randrange(100):02}"
