"""`python -m ivr`: the command line, with one clear sentence in place of a traceback for what people can mend."""

import errno
import os
import sys

from pydantic import ValidationError

from ivr.cli import app

MENDS = {
    errno.ENOSPC: "the disk is full: free some space, then run this again; nothing half written was kept",
    errno.EACCES: "no permission: run this as the owner of that file, or choose another folder with ALO185_STATE",
    errno.EROFS: "that file system is read-only: choose another folder with ALO185_STATE",
}


def main() -> None:
    try:
        app(prog_name="alo185")
    except ValidationError as error:
        wrong = "; ".join(f"ALO185_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        fail(f"a setting cannot be used: {wrong}. Mend it in .env or in the environment; .env.example says what fits.")
    except OSError as error:
        mend = MENDS.get(error.errno or 0)
        if mend is None and not hasattr(error, "code"):
            raise
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{mend or error}")
    except Exception as error:
        if not hasattr(error, "code") or os.environ.get("ALO185_TRACEBACK"):
            raise
        fail(str(error))


def fail(sentence: str) -> None:
    print(f"alo185: {sentence}", file=sys.stderr)
    sys.exit(1)


main()
