"""`tpo check-loss`: the laws checked on anyone's loss."""
