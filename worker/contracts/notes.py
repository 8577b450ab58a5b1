"""What a manifest may note about a picture that is ready: codes, explained in docs/images.md."""

from __future__ import annotations

from typing import Final

BLANK: Final = "blank"
"""Every rendition is of one colour or fully transparent, though the file holds more."""
DURATIONS_CLAMPED: Final = "durations-clamped"
"""A frame is shown longer than an output format can state; the output states its maximum."""
FOCUS_IGNORED: Final = "focus-ignored"
"""The original's own focus is none; it is cropped as if it had none."""
FRAMES_DROPPED: Final = "frames-dropped"
"""The animation breaks its format's rules; as in browsers, it ends before the frame that does."""
LOOPS_CLAMPED: Final = "loops-clamped"
"""The animation is played more often than an output format can state; the output states its maximum."""
NO_END_MARK: Final = "no-end-mark"
"""All pixels are there, but the file does not end as its format says."""
PROFILE_IGNORED: Final = "profile-ignored"
"""The colour profile is broken, made for other pixels or too large; the pixels are taken as sRGB."""

NOTES: Final = (BLANK, DURATIONS_CLAMPED, FOCUS_IGNORED, FRAMES_DROPPED, LOOPS_CLAMPED, NO_END_MARK, PROFILE_IGNORED)
"""Every note."""
