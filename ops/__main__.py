"""`python -m ops`: see every dead letter, know why, and send it back safely."""

import sys

from ops.cli import main

if __name__ == "__main__":
    sys.exit(main())
