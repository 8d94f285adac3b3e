"""The prompt library: what was prepared can be played, whatever happened to the folder in between."""

import asyncio
import resource
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from prompts import audio
from prompts.catalogue import load_catalogue
from prompts.engines import Engine, EspeakEngine, Speech
from prompts.errors import EngineUnavailable, PromptMissing, RenderFailed, StorageFailed
from prompts.formats import FORMATS, NARROW, WIDE
from prompts.library import PromptLibrary
from prompts.prompt import Language, Pace, Prompt
from prompts.recordings import RecordingsError
from prompts.rendering import AT_ONCE
from tests.test_audio import likeness, save_wav, speech

RATE = 16000
STATIC = load_catalogue().statics()[0]
NUMBERS = [Prompt("number.n", word) for word in ("bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz")]
ARRIVAL = Prompt("outage.until", "Suyun bugün saat on yedide verilmesi bekleniyor.")


class Syllables:
    """An engine whose voice is a tone for each word, so that tests know what they hear."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.asked = asyncio.Semaphore(0)
        self.free = asyncio.Event()
        self.free.set()

    def voice(self, language: Language, pace: Pace) -> str:
        return f"syllables-{language}-{pace}"

    async def say(self, text: str, language: Language, pace: Pace) -> Speech:
        self.said.append(text)
        self.asked.release()
        await self.free.wait()
        if text == "sessizlik":
            return Speech(bytes(2 * RATE), RATE)
        at = np.arange(int(RATE * (0.4 if pace == "normal" else 0.6))) / RATE
        tones = [0.3 * np.sin(2 * np.pi * (300 + sum(word.encode()) % 2000) * at) for word in text.split()]
        return Speech(audio.integers(np.concatenate(tones).astype(np.float32)).tobytes(), RATE)

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


class Dumb(Syllables):
    """An engine that is not installed."""

    async def say(self, text: str, language: Language, pace: Pace) -> Speech:
        raise EngineUnavailable("There is no engine; install one.")


@pytest.fixture
def engine() -> Syllables:
    return Syllables()


@pytest.fixture
async def library(tmp_path: Path, engine: Syllables) -> AsyncIterator[PromptLibrary]:
    library = PromptLibrary(tmp_path / "prompts", engine)
    yield library
    await library.close()


async def prepared(folder: Path, engine: Engine, *prompts: Prompt, recordings: Path | None = None) -> PromptLibrary:
    library = PromptLibrary(folder, engine, recordings)
    try:
        await library.prepare(prompts)
    finally:
        await library.close()
    return library


def heard(library: PromptLibrary, prompt: Prompt, suffix: str = "sln16") -> audio.Samples:
    return audio.pcm(Path(f"{library.media(prompt)}.{suffix}"))[0]


def contents(media: Path | None) -> list[bytes]:
    return [Path(f"{media}.{suffix}").read_bytes() for suffix in FORMATS]


def damage(file: Path, content: bytes | None) -> None:
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)


def files(folder: Path, pattern: str = "*") -> list[Path]:
    return [file for file in folder.rglob(pattern) if file.is_file()]


async def test_a_prepared_prompt_is_heard_in_every_format(library: PromptLibrary) -> None:
    assert not library.has(ARRIVAL)
    assert library.media(ARRIVAL) is None
    await library.prepare([ARRIVAL])
    media = library.media(ARRIVAL)
    assert library.has(ARRIVAL)
    assert media is not None
    assert media.is_absolute()
    for suffix in FORMATS:
        samples, rate = audio.pcm(Path(f"{media}.{suffix}"))
        assert len(samples) / rate == pytest.approx(library.seconds(ARRIVAL), abs=0.001)


async def test_real_speech_is_rendered(tmp_path: Path) -> None:
    library = await prepared(tmp_path, EspeakEngine(), ARRIVAL, ARRIVAL.slower())
    assert 2 < library.seconds(ARRIVAL) < 5
    assert library.seconds(ARRIVAL.slower()) > 1.2 * library.seconds(ARRIVAL)
    level = audio.active_level(heard(library, ARRIVAL, "alaw"), NARROW)
    assert level == pytest.approx(audio.ACTIVE_LEVEL, abs=1)


async def test_a_prompt_that_nobody_prepared_has_no_length(library: PromptLibrary) -> None:
    with pytest.raises(PromptMissing, match=r"outage\.until"):
        library.seconds(ARRIVAL)


async def test_the_same_words_are_rendered_once(library: PromptLibrary, engine: Syllables) -> None:
    await library.prepare([Prompt("area.one", "Yeni Mahalle"), Prompt("area.two", "Yeni Mahalle")])
    await library.prepare([Prompt("area.three", "Yeni Mahalle")])
    assert engine.said == ["Yeni Mahalle"]
    assert library.has(Prompt("area.four", "Yeni Mahalle"))


async def test_paces_and_languages_are_different_prompts(library: PromptLibrary) -> None:
    await library.prepare([Prompt("a.a", "on iki")])
    assert not library.has(Prompt("a.a", "on iki").slower())
    assert not library.has(Prompt("a.a", "on iki", "en"))


async def test_progress_counts_from_what_is_there_to_all(library: PromptLibrary) -> None:
    await library.prepare(NUMBERS[:1])
    seen: list[tuple[int, int]] = []
    await library.prepare(NUMBERS[:4], lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


async def test_the_next_start_needs_no_engine(tmp_path: Path, engine: Syllables) -> None:
    await prepared(tmp_path, engine, ARRIVAL)
    library = await prepared(tmp_path, Dumb(), ARRIVAL)
    assert library.has(ARRIVAL)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("content", [None, b"", b"torn"])
async def test_a_damaged_file_is_made_anew(
    tmp_path: Path, engine: Syllables, suffix: str, content: bytes | None
) -> None:
    library = await prepared(tmp_path, engine, ARRIVAL)
    before = contents(library.media(ARRIVAL))
    damage(Path(f"{library.media(ARRIVAL)}.{suffix}"), content)
    await prepared(tmp_path, engine, ARRIVAL)
    assert contents(library.media(ARRIVAL)) == before


async def test_a_folder_deleted_while_the_service_runs_comes_back(library: PromptLibrary, tmp_path: Path) -> None:
    await library.prepare([ARRIVAL])
    shutil.rmtree(tmp_path / "prompts")
    await library.prepare([ARRIVAL])
    assert len(heard(library, ARRIVAL))


async def test_one_broken_prompt_does_not_silence_the_others(library: PromptLibrary) -> None:
    silent = Prompt("a.b", "sessizlik")
    with pytest.raises(RenderFailed, match=r"sessizlik.*silent"):
        await library.prepare([silent, ARRIVAL])
    assert library.has(ARRIVAL)
    assert not library.has(silent)


async def test_a_missing_engine_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="install one"):
        await prepared(tmp_path, Dumb(), ARRIVAL, STATIC)


@contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    """Processes started in here cannot write files longer than this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_leaves_nothing_half_done(tmp_path: Path, engine: Syllables) -> None:
    with disk_full_after(5000), pytest.raises(StorageFailed, match="make room"):
        await prepared(tmp_path, engine, ARRIVAL)
    assert files(tmp_path) == []
    assert (await prepared(tmp_path, engine, ARRIVAL)).has(ARRIVAL)


async def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path, engine: Syllables) -> None:
    (tmp_path / "prompts").write_text("not a folder")
    with pytest.raises(StorageFailed, match="prompts"):
        await prepared(tmp_path / "prompts", engine, ARRIVAL)


async def test_two_services_may_share_a_folder(tmp_path: Path, engine: Syllables) -> None:
    one, other = await asyncio.gather(prepared(tmp_path, engine, *NUMBERS), prepared(tmp_path, engine, *NUMBERS))
    for word in NUMBERS:
        assert one.media(word) == other.media(word)
        assert len(heard(one, word)) / WIDE == one.seconds(word)
    assert files(tmp_path, ".*") == []


async def test_a_new_outage_overtakes_the_catalogue(library: PromptLibrary, engine: Syllables) -> None:
    engine.free.clear()
    catalogue = asyncio.create_task(library.prepare(NUMBERS))
    for _ in range(AT_ONCE):
        await engine.asked.acquire()
    queued = asyncio.Event()
    outage = asyncio.create_task(library.prepare([ARRIVAL], lambda done, total: queued.set()))
    await queued.wait()
    engine.free.set()
    await asyncio.gather(catalogue, outage)
    assert engine.said.index(ARRIVAL.text) == AT_ONCE


async def test_a_given_up_preparation_harms_no_other(library: PromptLibrary, engine: Syllables) -> None:
    engine.free.clear()
    given_up = asyncio.create_task(library.prepare(NUMBERS))
    await engine.asked.acquire()
    given_up.cancel()
    engine.free.set()
    await library.prepare([ARRIVAL, NUMBERS[-1]])
    assert library.has(ARRIVAL)
    assert library.has(NUMBERS[-1])


async def test_export_is_a_copy_in_every_format(library: PromptLibrary, tmp_path: Path) -> None:
    await library.prepare([ARRIVAL])
    await library.export(ARRIVAL, tmp_path / "fallback" / "apology")
    assert contents(tmp_path / "fallback" / "apology") == contents(library.media(ARRIVAL))


async def test_an_announcement_is_its_prompts_in_a_row(library: PromptLibrary, tmp_path: Path) -> None:
    words = NUMBERS[:3]
    await library.prepare(words)
    await library.concatenate(words, tmp_path / "outages")
    whole, rate = audio.pcm(tmp_path / "outages.alaw")
    expected = sum(map(library.seconds, words)) + 2 * audio.PAUSE
    assert len(whole) / rate == pytest.approx(expected, abs=0.03)
    third = int((len(whole) / rate - library.seconds(words[2])) * rate)
    assert likeness(whole[third:], heard(library, words[2], "alaw")) > 0.95
    assert likeness(whole[third:], heard(library, words[0], "alaw")) < 0.5


async def test_an_announcement_of_nothing_is_refused(library: PromptLibrary, tmp_path: Path) -> None:
    with pytest.raises(PromptMissing, match="at least one"):
        await library.concatenate([], tmp_path / "outages")


def recorded(folder: Path, prompt: Prompt, sound: audio.Samples, suffix: str = "") -> None:
    (folder / prompt.language).mkdir(parents=True, exist_ok=True)
    save_wav(folder / prompt.language / f"{prompt.key}{suffix}.wav", sound, 22050)


async def test_a_studio_recording_wins_over_the_engine(tmp_path: Path, engine: Syllables) -> None:
    recorded(tmp_path / "studio", STATIC, speech(3))
    library = await prepared(tmp_path / "prompts", engine, STATIC, recordings=tmp_path / "studio")
    assert engine.said == []
    assert library.seconds(STATIC) == pytest.approx(3, abs=0.3)


async def test_a_recording_sounds_as_it_was_made(tmp_path: Path, engine: Syllables) -> None:
    (tmp_path / "studio" / STATIC.language).mkdir(parents=True)
    save_wav(tmp_path / "studio" / STATIC.language / f"{STATIC.key}.wav", speech(2, rate=WIDE), WIDE)
    library = await prepared(tmp_path / "prompts", engine, STATIC, recordings=tmp_path / "studio")
    assert likeness(heard(library, STATIC), speech(2, rate=WIDE)) > 0.97


async def test_changed_and_removed_recordings_are_noticed(tmp_path: Path, engine: Syllables) -> None:
    studio = tmp_path / "studio"
    recorded(studio, STATIC, speech(3))
    library = PromptLibrary(tmp_path / "prompts", engine, studio)
    await library.prepare([STATIC])
    recorded(studio, STATIC, speech(5))
    await library.prepare([STATIC])
    assert library.seconds(STATIC) == pytest.approx(5, abs=0.3)
    shutil.rmtree(studio / STATIC.language)
    await library.prepare([STATIC])
    assert engine.said == [STATIC.text]
    await library.close()


async def test_a_slow_repeat_of_a_recording_is_the_recording(tmp_path: Path, engine: Syllables) -> None:
    recorded(tmp_path / "studio", STATIC, speech(3))
    library = await prepared(tmp_path / "prompts", engine, STATIC, STATIC.slower(), recordings=tmp_path / "studio")
    assert library.seconds(STATIC.slower()) == pytest.approx(4, abs=0.4)
    recorded(tmp_path / "studio", STATIC, speech(6), ".slow")
    library = await prepared(tmp_path / "prompts", engine, STATIC, STATIC.slower(), recordings=tmp_path / "studio")
    assert library.seconds(STATIC.slower()) == pytest.approx(6, abs=0.3)
    assert engine.said == []


async def test_a_phrase_with_slots_is_never_taken_from_a_recording(tmp_path: Path, engine: Syllables) -> None:
    catalogue = load_catalogue()
    slotted = Prompt(next(filter(catalogue.slots, catalogue.keys())), "yirmi altı")
    recorded(tmp_path / "studio", slotted, speech(3))
    await prepared(tmp_path / "prompts", engine, slotted, recordings=tmp_path / "studio")
    assert engine.said == ["yirmi altı"]


async def test_a_broken_recording_is_told_and_the_engine_speaks_instead(tmp_path: Path, engine: Syllables) -> None:
    recorded(tmp_path / "studio", STATIC, 0 * speech(3))
    library = await prepared(tmp_path / "prompts", engine, STATIC, recordings=tmp_path / "studio")
    assert engine.said == [STATIC.text]
    assert library.has(STATIC)
    (refused,) = library.refused
    assert f"{STATIC.key}.wav is silent" in refused


async def test_a_missing_folder_of_recordings_is_explained(tmp_path: Path, engine: Syllables) -> None:
    with pytest.raises(RecordingsError, match="studio"):
        await prepared(tmp_path / "prompts", engine, STATIC, recordings=tmp_path / "studio")


async def test_phrases_of_the_same_words_may_have_different_recordings(tmp_path: Path, engine: Syllables) -> None:
    one, other = (Prompt(prompt.key, "Teşekkürler") for prompt in load_catalogue().statics()[:2])
    recorded(tmp_path / "studio", one, speech(3))
    library = await prepared(tmp_path / "prompts", engine, one, other, recordings=tmp_path / "studio")
    assert library.seconds(one) == pytest.approx(3, abs=0.3)
    assert library.seconds(other) < 1


async def test_a_new_recording_is_not_missed_before_it_is_rendered(tmp_path: Path, engine: Syllables) -> None:
    (tmp_path / "studio").mkdir()
    library = PromptLibrary(tmp_path / "prompts", engine, tmp_path / "studio")
    await library.prepare([STATIC])
    recorded(tmp_path / "studio", STATIC, speech(3))
    await library.prepare([ARRIVAL])
    assert len(heard(library, STATIC))
    await library.close()
