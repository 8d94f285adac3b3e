"""`python -m reports.printing`: HTML in, PDF out. Fetches nothing, from no host and from no file."""

import sys

from reports.paper import MISSING


def _nothing(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"reports fetch nothing, and not {url}")


def main() -> None:
    try:
        from weasyprint import HTML
    except OSError as error:  # Pango is not on this machine
        print(error, file=sys.stderr)
        sys.exit(MISSING)
    document = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=_nothing)
    sys.stdout.buffer.write(document.write_pdf())


if __name__ == "__main__":
    main()
