"""The rendered configuration in the real Asterisk: it starts clean, loads what is listed, or says what is wrong."""

import re
import socket
from pathlib import Path

import pytest

from ivr.asterisk.configure import configure
from ivr.asterisk.errors import StartFailed
from ivr.asterisk.install import Driver, ensure_asterisk
from ivr.asterisk.supervisor import AsteriskServer
from ivr.ports import PortsInUse
from tests.asterisk_stand import asterisk, live_settings

pytestmark = pytest.mark.live


@pytest.mark.parametrize("driver", ["ari", "agi"])
async def test_it_starts_without_a_warning_and_with_nothing_but_the_listed_modules(
    tmp_path: Path, driver: Driver
) -> None:
    settings = live_settings(tmp_path, driver=driver)
    async with asterisk(settings) as server:
        shown = await server.ask("module show")
        contexts = await server.ask("dialplan show alo185-incoming")
        listening = await server.ask("pjsip show transports")
    loaded = set(re.findall(r"^(\S+\.so)", shown, re.MULTILINE))
    listed = set(re.findall(r"^load = (\S+)", (settings.asterisk / "etc" / "modules.conf").read_text(), re.MULTILINE))
    assert loaded == listed
    assert "Not Running" not in shown
    assert ("Stasis(alo185)" in contexts) == (driver == "ari")
    assert f"127.0.0.1:{settings.sip_port}" in listening
    assert not re.findall(r"^.*(?:WARNING|ERROR).*$", server.log_file.read_text(), re.MULTILINE)


async def test_an_asterisk_that_ended_can_be_started_again(tmp_path: Path) -> None:
    settings = live_settings(tmp_path)
    async with asterisk(settings) as server:
        assert server.pid
        await server.stop()
        assert server.pid is None
        await server.start()
        assert "fully booted" in await server.ask("core waitfullybooted")


async def test_a_port_in_use_is_named_before_anything_starts(tmp_path: Path) -> None:
    settings = live_settings(tmp_path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", settings.sip_port))
        with pytest.raises(PortsInUse, match=f"udp {settings.sip_port} .*SIP"):
            async with asterisk(settings):
                pass
    assert not (settings.asterisk / "log" / "messages.log").exists()


async def test_a_configuration_that_asterisk_refuses_is_told_with_its_log(tmp_path: Path) -> None:
    settings = live_settings(tmp_path)
    found = ensure_asterisk()
    etc = configure(settings, found)
    (etc / "pjsip.conf").write_text("[transport-udp]\ntype = nonsense\n")
    with pytest.raises(StartFailed, match=r"messages\.log"):
        await AsteriskServer(found, settings).start()


async def test_it_starts_below_a_folder_whose_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    settings = live_settings(tmp_path / ("a-long-name" * 9))
    async with asterisk(settings) as server:
        assert "fully booted" in await server.ask("core waitfullybooted")
