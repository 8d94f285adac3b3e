"""What an integrator copies: complete, private, the same each time, and held to the names that the service uses."""

import re
import stat
from pathlib import Path

import pytest

from ivr import dialplan
from ivr.asterisk.configure import TEMPLATES, Folders, configure, driver_of
from ivr.asterisk.errors import ConfigureFailed
from ivr.asterisk.install import Asterisk, Driver
from ivr.settings import Settings


@pytest.fixture
def found(tmp_path: Path) -> Asterisk:
    return Asterisk(("asterisk",), (22, 10, 1), tmp_path / "modules", tmp_path / "documentation")


def settings(state: Path, **changes: object) -> Settings:
    return Settings(_env_file=None, state=state, **changes)


def rendered(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


@pytest.fixture
def files(tmp_path: Path, found: Asterisk) -> dict[str, str]:
    """Of a house that calls citizens, since it has the most."""
    return rendered(configure(settings(tmp_path / "var", call_backs=True, dial="PJSIP/{number}@carrier"), found))


def test_nothing_keeps_callers_numbers_beside_our_own_records(files: dict[str, str]) -> None:
    assert "\nqueue_log = no\n" in files["logger.conf"]
    assert "verbose" not in re.sub(r"^;.*$", "", files["logger.conf"], flags=re.MULTILINE)
    assert "\nenable = no\n" in files["cdr.conf"]
    assert "\nenable = no\n" in files["cel.conf"]


def test_every_context_that_the_service_names_is_in_the_dialplan(files: dict[str, str]) -> None:
    contexts = set(re.findall(r"^\[([\w-]+)\]", files["alo185.conf"] + files["extensions.conf"], re.MULTILINE))
    named = {value for name, value in vars(dialplan).items() if name.endswith("_CONTEXT")}
    assert named <= contexts


def test_dialplan_jumps_lead_to_contexts_that_exist(files: dict[str, str]) -> None:
    text = files["alo185.conf"] + files["extensions.conf"]
    contexts = set(re.findall(r"^\[([\w-]+)\]", text, re.MULTILINE))
    assert set(re.findall(r"alo185-[a-z-]+(?=,s,1)|alo185-[a-z-]+(?=\^s\^1)", text)) <= contexts


def test_the_dialplan_knows_the_variables_of_the_service_and_no_others(files: dict[str, str]) -> None:
    report = ("LINE", "CALLER", "EVENT", "PAUSED", "MEMBERS", "MEMBER", "FREE", "AGENTS", "WAITING", "TOLD", "STAGE")
    report += ("LEG", "JOINED", "DID", "KEPT", "ASKED", "TURN")
    own = {"ALO185_WELL", "ALO185_HEALTH", "ALO185_ROUND", *(f"ALO185_{name}" for name in report)}
    used = set(re.findall(r"ALO185_[A-Z]+", files["alo185.conf"] + files["extensions.conf"]))
    assert used == own | set(dialplan.VARIABLES)


def test_the_names_of_the_doors_agree(files: dict[str, str]) -> None:
    assert f"Stasis({dialplan.STASIS_APPLICATION})" in files["alo185.conf"]
    assert f"{dialplan.HEALTH_PATH})}}" in files["alo185.conf"]
    assert f":8185{dialplan.QUEUE_REPORT_PATH}," in files["alo185.conf"]
    assert f":8185{dialplan.ARI_PATH}\n" in files["websocket_client.conf"]
    assert f"username = {dialplan.ARI_USER}\n" in files["websocket_client.conf"]
    assert f"[{dialplan.ARI_USER}]\n" in files["ari.conf"]
    assert f"add,{dialplan.AREA_HEADER})" in files["alo185.conf"]
    assert f"add,{dialplan.REASON_HEADER})" in files["alo185.conf"]
    assert f"add,{dialplan.TICKET_HEADER})" in files["alo185.conf"]
    assert f"add,{dialplan.PRIORITY_HEADER})" in files["alo185.conf"]
    assert f"/{dialplan.FALLBACK_OUTAGES})" in files["alo185.conf"]
    assert f"/{dialplan.FALLBACK_APOLOGY})" in files["alo185.conf"]
    assert re.findall(r"^\[(.*)\]\(alo185-line\)", files["queues.conf"], re.MULTILINE) == list(dialplan.QUEUES)
    assert f":{dialplan.AGENTS_QUEUE})}})" in files["extensions.conf"]
    assert f"add,{dialplan.CALL_HEADER})" in files["alo185.conf"]
    for path in (dialplan.AGENT_REPORT_PATH, dialplan.PARTED_PATH):
        assert f":8185{path}," in files["alo185.conf"]
    for agent in dialplan.AGENT_ENDPOINTS:
        assert f"member => PJSIP/{agent}," in files["queues.conf"]


def test_fastagi_comes_where_asterisk_knows_nothing_newer(tmp_path: Path) -> None:
    old = Asterisk(("asterisk",), (20, 6, 0), tmp_path, tmp_path)
    files = rendered(configure(settings(tmp_path / "var", agi_port=4999), old))
    assert f"AGI(agi://127.0.0.1:4999/{dialplan.AGI_PATH})" in files["alo185.conf"]
    assert "Stasis" not in files["alo185.conf"]
    assert not {"ari.conf", "websocket_client.conf"} & files.keys()


@pytest.mark.parametrize(("wanted", "version", "driver"), [("agi", (22, 10, 1), "agi"), ("ari", (22, 5, 0), "ari")])
def test_the_driver_that_is_set_wins_when_it_can(
    tmp_path: Path, wanted: Driver, version: tuple[int, ...], driver: Driver
) -> None:
    found = Asterisk(("asterisk",), version, tmp_path, tmp_path)
    assert driver_of(settings(tmp_path, driver=wanted), found) == driver


def test_only_the_owner_reads_what_holds_passwords(tmp_path: Path, found: Asterisk) -> None:
    out = configure(settings(tmp_path / "var"), found)
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in out.iterdir()} == {0o600}


def test_rendering_twice_changes_no_file(tmp_path: Path, found: Asterisk) -> None:
    out = configure(settings(tmp_path / "var"), found)
    before = {file: file.stat().st_ino for file in out.iterdir()}
    assert configure(settings(tmp_path / "var"), found) == out
    assert {file: file.stat().st_ino for file in out.iterdir()} == before


def test_no_secret_is_shipped(files: dict[str, str]) -> None:
    shipped = "".join(template.read_text() for template in TEMPLATES.iterdir())
    assert not re.search(r"^password = (?!\{\{)", shipped, re.MULTILINE)
    passwords = re.findall(r"^password = (\S+)$", "".join(files.values()), re.MULTILINE)
    assert len(passwords) == 4
    assert len(set(passwords)) == 4


def test_without_a_trunk_only_this_machine_may_call(files: dict[str, str]) -> None:
    assert re.findall(r"^match = (.*)$", files["pjsip.conf"], re.MULTILINE) == ["127.0.0.1"]
    assert re.findall(r"^bind = (.*)$", files["pjsip.conf"], re.MULTILINE) == ["127.0.0.1:5060", "127.0.0.1"]
    assert "anonymous" not in files["pjsip.conf"].lower().replace("nobody is anonymous", "")


def test_a_trunk_is_known_by_its_addresses(tmp_path: Path, found: Asterisk) -> None:
    given = settings(tmp_path / "var", sip_host="192.0.2.10", trunk=("198.51.100.7", "203.0.113.0/28"))
    pjsip = rendered(configure(given, found))["pjsip.conf"]
    assert re.findall(r"^match = (.*)$", pjsip, re.MULTILINE) == ["198.51.100.7", "203.0.113.0/28", "127.0.0.1"]
    assert re.findall(r"^bind = (.*)$", pjsip, re.MULTILINE) == [
        "192.0.2.10:5060",
        "127.0.0.1:5060",
        "127.0.0.1",
    ]


def test_whoever_needs_no_password_is_known_by_address_and_never_by_a_name_that_anybody_could_say(
    tmp_path: Path, found: Asterisk
) -> None:
    given = settings(tmp_path / "var", trunk=("198.51.100.7",))
    pjsip = rendered(configure(given, found))["pjsip.conf"]
    for section in re.findall(r"^\[[\w-]+\]\(alo185-phone\)\n((?:[^\[]*\n)*)", pjsip, re.MULTILINE):
        assert ("\nauth = " in section) != ("\nidentify_by = ip\n" in section), section


@pytest.mark.parametrize("address", ["not an address", "1.2.3.4\nmatch = 0.0.0.0/0", "0.0.0.0/0", "carrier.example"])
def test_a_trunk_that_is_no_address_is_refused(tmp_path: Path, found: Asterisk, address: str) -> None:
    with pytest.raises(ConfigureFailed, match="ALO185_TRUNK"):
        configure(settings(tmp_path / "var", trunk=(address,)), found)


@pytest.mark.parametrize("name", ["a,b", "a;b", "a${EXTEN}", "a\nb", "a)b"])
def test_a_path_that_would_mean_something_to_asterisk_is_refused(tmp_path: Path, found: Asterisk, name: str) -> None:
    with pytest.raises(ConfigureFailed, match="choose another folder"):
        configure(settings(tmp_path / name), found)


def test_a_control_socket_that_would_not_fit_moves_to_a_short_folder(tmp_path: Path) -> None:
    near, far = Folders(Path("/srv/alo185")), Folders(tmp_path / ("long" * 30))
    assert near.run == Path("/srv/alo185/run")
    assert len(str(far.run / "asterisk.ctl")) < 108
    assert far.run != Folders(tmp_path / ("longer" * 20)).run


def test_callers_may_keep_their_place_only_where_citizens_are_called(
    tmp_path: Path, found: Asterisk, files: dict[str, str]
) -> None:
    line, *others = re.split(r"^\[.*\]\(alo185-line\)$", files["queues.conf"], flags=re.MULTILINE)[1:]
    assert "\nperiodic-announce = alo185/queue-call-me\nperiodic-announce-startdelay = 45\n" in line
    assert "\ncontext = alo185-queue-key\n" in line
    for other in others:
        assert "queue-key" not in other
        assert "\nperiodic-announce = alo185/queue-periodic\n" in other
    assert f":8185{dialplan.TURN_PATH}," in files["alo185.conf"]
    for changes in ({}, {"driver": "agi"}):
        without = rendered(configure(settings(tmp_path / str(len(changes)), **changes), found))
        assert "queue-call-me" not in without["queues.conf"]
        assert "context =" not in without["queues.conf"]
        assert dialplan.AGENT_TURN_CONTEXT not in "".join(without.values())
