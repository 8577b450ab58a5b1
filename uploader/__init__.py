"""The small Lambda behind the upload page: signs uploads, and links to their renditions. Never reads or renders a picture."""
