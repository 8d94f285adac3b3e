"""`./alo185 prompts`: what operators and the studio's people see."""

import csv
import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from ivr.cli import prompts as family
from prompts.catalogue import load_catalogue
from prompts.prompt import LANGUAGES, Prompt
from tests.shared_prompts import rendering, shared_prompts
from tests.test_audio import save_wav, speech

STATICS = load_catalogue().statics()
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line of an installation of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALO185_STATE", str(tmp_path / "state"))
    app = typer.Typer()
    family.register(app)
    return lambda *arguments: CliRunner().invoke(app, ["prompts", *arguments])


def test_check_lists_what_is_not_rendered(run: Run) -> None:
    result = run("check", "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert not report["ok"]
    assert sum("is not rendered; run ./alo185 prompts render" in line for line in report["problems"]) == len(STATICS)


@pytest.fixture
def rendered(run: Run, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """What `render` made: whatever it found missing in the speech that all tests share."""
    own, shared = tmp_path / "state" / "prompts", shared_prompts(request.config)
    own.parent.mkdir(exist_ok=True)
    own.symlink_to(shared)
    with rendering(shared):
        result = run("render", "--json")
        assert result.exit_code == 0, result.output
        own.unlink()
        shutil.copytree(shared, own, copy_function=os.symlink)
    return own


def test_check_is_content_with_what_is_rendered_until_a_file_is_damaged(run: Run, rendered: Path) -> None:
    assert run("check").exit_code == 0
    torn, muted = (library_file(rendered, prompt) for prompt in STATICS[:2])
    spoil(torn, torn.read_bytes()[:100])
    spoil(muted, bytes([0xD5]) * muted.stat().st_size)
    result = run("check")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert "is not rendered" in result.stdout
    assert f"{muted.name} is silent" in result.stdout


def test_render_makes_what_is_missing(run: Run, rendered: Path) -> None:
    lost = [library_file(rendered, prompt) for prompt in STATICS[:8]]
    lengths = [file.stat().st_size for file in lost]
    for file in lost:
        file.unlink()
    again = run("render", "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["prompts"] == 2 * len(STATICS)
    # espeak-ng says the same words a tenth of a second longer or shorter, after whatever it has said before
    assert [file.stat().st_size for file in lost] == pytest.approx(lengths, abs=1000)


def library_file(folder: Path, prompt: Prompt) -> Path:
    (found,) = folder.glob(f"*/{prompt.digest[:2]}/{prompt.digest}.alaw")
    return found


def spoil(file: Path, content: bytes) -> None:
    """A file of its own: what was there belongs to all tests."""
    file.unlink()
    file.write_bytes(content)


def test_the_recording_script_names_every_phrase_that_can_be_recorded(run: Run) -> None:
    for language in LANGUAGES:
        rows = list(csv.DictReader(io.StringIO(run("script", "--language", language).stdout)))
        assert [(row["key"], row["text"]) for row in rows] == [
            (prompt.key, prompt.text) for prompt in STATICS if prompt.language == language
        ]
        assert rows[0]["file"] == f"{language}/{rows[0]['key']}.wav"
        assert json.loads(run("script", "--language", language, "--json").stdout) == rows


def test_the_recording_script_can_be_read_from(run: Run) -> None:
    lines = run("script", "--format", "md").stdout.splitlines()
    assert lines[0] == "| key | text | file |"
    assert len(lines) == 2 + sum(prompt.language == "tr" for prompt in STATICS)


def test_check_names_recordings_that_nobody_will_hear(run: Run, tmp_path: Path) -> None:
    (tmp_path / "studio" / "tr").mkdir(parents=True)
    save_wav(tmp_path / "studio" / "tr" / "welcome.mistyped.wav", speech(1), 22050)
    save_wav(tmp_path / "studio" / "tr" / f"{STATICS[0].key}.wav", 0 * speech(1), 22050)
    problems = json.loads(run("check", "--json", "--recordings", str(tmp_path / "studio")).stdout)["problems"]
    assert any("welcome.mistyped.wav is for no phrase" in problem for problem in problems)
    assert any(f"{STATICS[0].key}.wav is silent" in problem for problem in problems)
