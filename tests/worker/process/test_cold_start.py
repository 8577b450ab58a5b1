from __future__ import annotations

import subprocess
import sys


def test_importing_the_handler_loads_nothing_for_rare_paths():
    """Neither boto3 with its transfers nor libheif nor what resamples is loaded before a picture needs it."""
    script = "import sys, worker.handler; print(*(name for name in ('boto3', 's3transfer', 'pillow_heif', 'cykooz_resizer') if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
