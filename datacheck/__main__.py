"""`python -m datacheck`, and the entry point of the `datacheck` command."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line and exit with its status."""
    # An order to stop lets temporary files be removed, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    from datacheck.cli import run
    from datacheck.light import without_pandas

    without_pandas()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
