"""What a person sees and answers: data, narration, progress, prompts, Ctrl-C. Never asks AWS anything."""
