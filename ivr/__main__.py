"""`python -m ivr`: the command line, with one clear sentence in place of a traceback for what people can mend."""

import errno
import os
import re
import sys

from pydantic import ValidationError
from pydantic_settings import SettingsError

from ivr.cli import app

MENDS = {
    errno.ENOSPC: "the disk is full: free some space, then run this again; nothing half written was kept",
    errno.EACCES: "no permission: run this as the owner of that file, or choose another folder with ALO185_STATE",
    errno.EEXIST: "a file stands where a folder is needed: move it away, or name another folder",
    errno.ENOTDIR: "a file stands where a folder is needed: move it away, or name another folder",
    errno.ENOENT: "there is no such file or folder, and it cannot be made: check its name",
    errno.EROFS: "that file system is read-only: choose another folder with ALO185_STATE",
}


def main() -> None:
    try:
        app(prog_name="alo185")
    except ValidationError as error:
        fail(
            unusable("; ".join(f"{_setting(e['loc'])}{e['msg'].removeprefix('Value error, ')}" for e in error.errors()))
        )
    except SettingsError as error:
        name = re.search(r'field "(\w+)"', str(error))
        fail(unusable(f"ALO185_{name[1].upper() if name else '…'} is no JSON such as [18000, 18999]"))
    except UnicodeDecodeError as error:
        if os.environ.get("ALO185_TRACEBACK"):
            raise
        fail(f"a file that was read is not UTF-8 text ({error.reason}): is .env damaged?")
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if os.environ.get("ALO185_TRACEBACK"):
            raise
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{MENDS.get(error.errno or 0) or error.strerror or error}")
    except Exception as error:
        if not hasattr(error, "code") or os.environ.get("ALO185_TRACEBACK"):
            raise
        fail(str(error))


def unusable(wrong: str) -> str:
    return f"a setting cannot be used: {wrong}. Mend it in .env or in the environment; .env.example says what fits."


def _setting(place: tuple[int | str, ...]) -> str:
    return f"ALO185_{'.'.join(map(str, place)).upper()}: " if place else ""


def fail(sentence: str) -> None:
    print(f"alo185: {sentence}", file=sys.stderr)
    sys.exit(1)


main()
