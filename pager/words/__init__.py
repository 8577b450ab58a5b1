"""The words of a message, for people and for machines. Never asks AWS; a stranger's text is quoted."""
