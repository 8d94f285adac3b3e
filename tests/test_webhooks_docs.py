"""The examples of docs/webhooks.md accept what Alo 185 sends and refuse what it did not."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outbox.signing import new_secret, signed_headers

PAGE = (Path(__file__).parents[1] / "docs" / "webhooks.md").read_text()
AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
BODY = '{"type":"ping","data":{"yer":"Şirinevler"}}'.encode()


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_python_example() -> None:
    names: dict[str, Any] = {}
    exec(example("python"), names)
    check, secret, other = names["is_from_alo185"], new_secret(), new_secret()
    headers = signed_headers("an-id", AT, BODY, [other, secret])
    now = AT.timestamp()
    assert check(headers, BODY, secret, now)
    assert not check(headers, BODY + b" ", secret, now)
    assert not check(headers, BODY, new_secret(), now)
    assert not check(headers, BODY, secret, now + 301)
    assert not check(dict(headers) | {"webhook-id": "another"}, BODY, secret, now)


def test_the_shell_example(tmp_path: Path) -> None:
    file, secret = tmp_path / "body", new_secret()
    headers = signed_headers("an-id", AT, BODY, [new_secret(), secret])

    def said(body: bytes, key: str) -> str:
        file.write_bytes(body)
        given = {"ID": "an-id", "STAMP": headers["webhook-timestamp"], "SIGNATURE": headers["webhook-signature"]}
        given |= {"SECRET": key, "BODY": str(file), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(["sh", "-c", example("sh")], env=given, capture_output=True, text=True)
        return done.stdout.strip() + done.stderr.strip()

    assert said(BODY, secret) == "genuine"
    assert said(BODY + b" ", secret) == "forged"
    assert said(BODY, new_secret()) == "forged"
