"""The renditions of one picture, still and animated."""
