import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.grammar import grammar

turkish = grammar("tr")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("09:00'dan 17:00'ye kadar", "dokuzdan on yediye kadar"),
        ("09.00’dan 17.00’ye kadar", "dokuzdan on yediye kadar"),
        ("08:30–12:30 arası", "sekiz buçuk ile on iki buçuk arası"),
        ("08:30-12:30 saatleri arasında", "sekiz buçuk ile on iki buçuk saatleri arasında"),
        ("09:00-17:00 su kesintisi", "dokuz ile on yedi arası su kesintisi"),
        ("09:00-17:00'ye kadar", "dokuzdan on yediye kadar"),
        ("16:00'ya kadar, 16:00'da", "on altıya kadar, on altıda"),
        ("16:00'ye kadar", "on altıya kadar"),
        ("04:00'e kadar, 04:00'ten itibaren", "dörde kadar, dörtten itibaren"),
        ("04:00'a kadar, 04:00'dan itibaren", "dörde kadar, dörtten itibaren"),
        ("12:30'a kadar", "on iki buçuğa kadar"),
        ("14:45'e kadar", "on dört kırk beşe kadar"),
        ("00:00'a kadar", "gece yarısına kadar"),
        ("24:00'e kadar", "gece yarısına kadar"),
        ("17:00'deki kesinti", "on yedideki kesinti"),
        ("saat 9'dan 17'ye kadar", "saat dokuzdan on yediye kadar"),
        ("SAAT 09:00'DAN SONRA", "Saat dokuzdan Sonra"),
        ("25.11.2026 Çarşamba 09:00", "yirmi beş Kasım Çarşamba günü saat dokuz"),
        ("25.11.2026 ÇARŞAMBA günü saat 09.00'da", "yirmi beş Kasım Çarşamba günü saat dokuzda"),
        ("25/11/2026 tarihinde", "yirmi beş Kasım iki bin yirmi altı tarihinde"),
        ("2026-11-25T09:00", "yirmi beş Kasım günü saat dokuz"),
        ("25.11 Çarşamba", "yirmi beş Kasım Çarşamba"),
        ("25 Kasım Çarşamba 09:00", "yirmi beş Kasım Çarşamba günü saat dokuz"),
        ("yarın 10:00'da", "yarın saat onda"),
        ("saat:09.00 - 17.00 arası", "saat: dokuz ile on yedi arası"),
        ("09:00–17:00 saatlerinde", "dokuz ile on yedi saatleri arasında"),
        ("09:00'dan,17:00 ye kadar", "dokuzdan, on yediye kadar"),
        ("Pazartesi - Cuma 08:30-17:30", "Pazartesi ile Cuma arası sekiz buçuk ile on yedi buçuk arası"),
        ("saat 24:00'e kadar", "gece yarısına kadar"),
        (
            "24.11.2026 - 25.11.2026 tarihleri arasında",
            "yirmi dört Kasım iki bin yirmi altı ile yirmi beş Kasım iki bin yirmi altı tarihleri arasında",
        ),
    ],
)
def test_hours_and_dates(written: str, spoken: str) -> None:
    assert turkish.spoken(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("1.250 abone", "bin iki yüz elli abone"),
        ("1.250.000 m³ su", "bir milyon iki yüz elli bin metreküp su"),
        ("2,5 saat", "iki buçuk saat"),
        ("0,25 bar", "sıfır virgül yirmi beş bar"),
        ("1.250,75 TL'lik", "bin iki yüz elli virgül yetmiş beş liralık"),
        ("%25'i", "yüzde yirmi beşi"),
        ("5 km'lik hat", "beş kilometrelik hat"),
        ("Ø200 mm boru", "iki yüz milimetre boru"),
        ("2-3 gün, 10-15 cm", "iki üç gün, on on beş santimetre"),
        ("25-27 Kasım tarihleri arasında", "yirmi beş ile yirmi yedi Kasım tarihleri arasında"),
        ("1.500-2.000 abone", "bin beş yüz ile iki bin abone"),
        ("2 nci kat, 12.50 TL", "ikinci kat, on iki virgül elli lira"),
        ("153'ü ve 0532 123 45 67'yi", "yüz elli üçü ve sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yediyi"),
        ("2. etap, 3'üncü gün, 2026'da", "ikinci etap, üçüncü gün, iki bin yirmi altıda"),
        ("Sayı 5. Sular gelecek.", "Sayı beş. Sular gelecek."),
        ("7/24 açık", "yedi yirmi dört açık"),
        ("0 532 123 45 67", "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"),
        ("+90 (262) 335 40 00", "sıfır iki yüz altmış iki, üç yüz otuz beş, kırk, sıfır sıfır"),
        ("444 1 185", "dört yüz kırk dört, bir, yüz seksen beş"),
        ("Alo 185'i arayın", "Alo yüz seksen beşi arayın"),
        ("26-004217 numaralı kayıt", "yirmi altı, sıfır sıfır dört, iki yüz on yedi numaralı kayıt"),
    ],
)
def test_amounts_and_numbers(written: str, spoken: str) -> None:
    assert turkish.spoken(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Atatürk Mah. Lale Sok. No:12/3", "Atatürk Mahallesi Lale Sokağı numara on iki bölü üç"),
        ("Cumhuriyet Cad.'nde", "Cumhuriyet Caddesi'nde"),
        ("Cumhuriyet Cd'de", "Cumhuriyet Caddesi'nde"),
        ("Yeni Mah. 1204. Sok. No. 5", "Yeni Mahalle bin iki yüz dördüncü Sokak numara beş"),
        ("Turgut Özal Blv. ve İnönü Bul. üzeri", "Turgut Özal Bulvarı ve İnönü Bulvarı üzeri"),
        ("100. Yıl Mah.", "yüzüncü Yıl Mahallesi."),
        ("Gebze OSB'de, D-100 üzerinde", "Gebze o se be'de, de yüz üzerinde"),
        ("Güneş Apt. D:4", "Güneş Apartmanı daire dört"),
        ("5 no'lu kuyu vb. yerler", "beş numaralı kuyu ve benzeri yerler"),
        ("PTT'nin, KVKK gereği", "pe te te'nin, ka ve ka ka gereği"),
        ("www.isu.gov.tr", "isu nokta gov nokta te re"),
        ("YILDIZ ILICA CAD. ÇALIŞMASI", "Yıldız Ilıca Caddesi Çalışması"),
        ("30 dk. sonra, 3 m² alan", "otuz dakika sonra, üç metrekare alan"),
        ("Mah./Sok. adı, Dr.Ali", "Mahalle, Sokak adı, Doktor Ali"),
        ("DN300 HDPE boru", "de ne üç yüz he de pe e boru"),
        ("suyu bul. Sonra ara", "suyu bul. Sonra ara"),
    ],
)
def test_abbreviations_and_addresses(written: str, spoken: str) -> None:
    assert turkish.spoken(written) == spoken


@pytest.mark.parametrize("words", ["Gebze ilçesi, Yeni Mahalle'de su yok.", "Ekipler çalışıyor; teşekkürler!"])
def test_plain_words_stay_as_they_are(words: str) -> None:
    assert turkish.spoken(words) == words


FRAGMENTS = (
    "09:00 9.30 'dan 'ye 25.11.2026 25/11 - / . , : % m³ LİRA LIRA TL km Mah. SİT. SIT. No: OSB D-100 0532 123 45 67 "
    "1.250,5 24:00 ½ Ⅳ ٣ ² 999999999999999 00012 26-004217 saat Çarşamba arası su İ ı"
)
NOTICES = (
    st.lists(st.sampled_from(FRAGMENTS.split()) | st.text(max_size=6) | st.integers(0).map(str)).map("".join)
    | st.text()
)


@settings(deadline=None)
@given(NOTICES)
def test_whatever_is_typed_no_figure_reaches_the_engine(written: str) -> None:
    assert not any(character.isnumeric() for character in turkish.spoken(written))


@pytest.mark.parametrize("figure", ["9" * 5000, "0" * 5000, "1," + "5" * 5000, "1" + ".000" * 2000, "9" * 5000 + " m"])
def test_endless_figures_are_no_accident(figure: str) -> None:
    assert turkish.spoken(figure)
