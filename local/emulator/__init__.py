"""The embedded AWS as a process: started, watched and ended, and made to do what AWS does. Never knows of the program."""
