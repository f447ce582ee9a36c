"""What the server that worker processes are forked from imports, once for all of them."""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C while this is imported is the parent's to answer.

from datacheck.light import without_pandas  # noqa: E402

without_pandas()

import datacheck.run.work  # noqa: E402, F401 (pandas must be out of the way before pyarrow is imported)
