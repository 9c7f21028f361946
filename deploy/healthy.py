"""Exit with 0 when the server on this machine answers that it is well, else with 1."""

import os
import sys
import urllib.request

URL = f"http://127.0.0.1:{os.environ.get('HOTLINE_PORT', '8189')}/health"


def main() -> int:
    try:
        with urllib.request.urlopen(URL, timeout=4) as answer:  # a fixed address
            return 0 if answer.status == 200 else 1  # noqa: PLR2004
    except OSError as error:
        print(f"{URL}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
