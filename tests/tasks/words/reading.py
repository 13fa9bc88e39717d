"""Reading what a policy wrote."""

from tpo_tasks.words.characters import CHARACTERS, END, FIRST


def text_of(tokens):
    """Decode tokens up to the first end token; padding is left out."""
    kept = list(tokens)
    kept = kept[: kept.index(END)] if END in kept else kept
    return "".join(CHARACTERS[token - FIRST] for token in kept if token >= FIRST)
