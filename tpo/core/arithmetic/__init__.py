"""How targets are computed: in double words, the same bits everywhere, or by the plain formula."""
