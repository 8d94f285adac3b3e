"""`python -m reports.printing`: HTML in, PDF out. Fetches nothing, from no host and from no file."""

import os
import sys

from reports.paper import MISSING


def main() -> None:
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:  # Pango is not on this machine
        print(error, file=sys.stderr)
        sys.exit(MISSING)
    document = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=URLFetcher(allowed_protocols=()))
    sys.stdout.buffer.write(document.write_pdf())
    sys.stdout.buffer.flush()
    # a thread of Pango's may still run while Python takes its libraries away: a segmentation fault after all was done
    os._exit(0)


if __name__ == "__main__":
    main()
