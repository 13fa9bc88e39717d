"""Problems with verifiable answers, for training language models: prompts, reference answers and scorers."""
