"""Shared parts of adapters for trainers of language models: settings, rows of completions, and their weights.

It needs PyTorch only where tensors are handled, and no trainer.
"""
