"""What the server that worker processes are forked from imports, once for all of them."""

from datacheck.light import without_pandas

without_pandas()

import datacheck.run.work  # noqa: E402, F401 (pandas must be out of the way before pyarrow is imported)
