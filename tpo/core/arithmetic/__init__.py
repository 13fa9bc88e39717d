"""The arithmetic of targets: in double words, with the same bits everywhere, or by the plain formula."""
