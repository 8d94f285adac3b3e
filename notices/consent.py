"""What those who want to be told agree to. A changed text gets a new version; the old ones stay, for proof."""

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "2026-11": {
        "tr": "Telefon numaramın, seçtiğim yerdeki planlı su kesintilerini bana SMS veya arama ile haber vermek için"
        " saklanmasını ve yalnızca bunun için kullanılmasını kabul ediyorum. Dilediğim an vazgeçebilirim; numaram o an"
        " silinir.",
        "en": "I agree that my telephone number is stored to tell me by SMS or call of planned water outages at the"
        " place that I chose, and is used for nothing else. I can change my mind at any time; my number is then"
        " deleted.",
    },
}
PRESENT = "2026-11"
SPOKEN = "telefon-2026-11"
"""On the telephone: the catalogue's `restoration.offer` was heard and 1 was pressed, for this one outage."""
