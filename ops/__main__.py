"""`python -m ops`: see every dead letter, know why, and send it back safely."""

import signal
import sys
from typing import NoReturn

from ops.commands.cli import main


def _stop(*_: object) -> NoReturn:
    """SIGTERM is Ctrl-C from a program: messages are given back all the same."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main())
