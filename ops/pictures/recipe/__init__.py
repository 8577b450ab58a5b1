"""What a changed recipe would do: counted, tried on a sample, shown on a page. Never writes anything to AWS."""
