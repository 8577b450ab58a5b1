"""The small Lambda behind the upload page: hands out presigned uploads, and links to what became of them."""
