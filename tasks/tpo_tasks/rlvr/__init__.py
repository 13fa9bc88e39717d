"""Problems with verifiable answers, for training language models: prompts, reference answers and scorers."""

INSTALL = 'pip install "tpo[rlvr]"'
"""The command that installs the libraries of the problems."""
