"""Shared parts of adapters for trainers of language models: settings, mini-batches of whole groups, weights of rows.

It needs PyTorch only where tensors are handled, and no trainer.
"""
