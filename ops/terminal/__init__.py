"""What a person sees and answers: data, narration, progress, prompts, Ctrl-C, and errors, each a sentence. Never asks AWS anything."""
