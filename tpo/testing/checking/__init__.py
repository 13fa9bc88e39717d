"""The implementation of `tpo check-loss`, which checks the laws on a user's loss function."""
