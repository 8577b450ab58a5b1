"""The worker against a browser: whatever headless Chromium shows of a file, it must show of the file's renditions."""
