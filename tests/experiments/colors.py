"""Distances between colours: contrast on a page, and perceived distance."""

from __future__ import annotations

import numpy as np

EYES = {
    "usual": np.eye(3),
    "without red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "without green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "without blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""Maps of linear RGB for colour vision deficiencies at full severity: Machado, Oliveira and Fernandes 2009."""

CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
"""The Oklab colour space, in which distances match perception: Ottosson 2020."""


def linear(color):
    """Linear RGB, `[3]`, of `#rrggbb` or of `rgb(r, g, b)`."""
    parts = [int(color[i : i + 2], 16) for i in (1, 3, 5)] if color[0] == "#" else color[4:-1].split(",")
    encoded = np.array(parts, dtype=float) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """The contrast ratio of WCAG 2, from 1 to 21."""
    dark, light = sorted(linear(color) @ [0.2126, 0.7152, 0.0722] for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def distance(one, other, eyes):
    """The perceived distance of two colours for `eyes`; black and white have distance 1."""
    seen = [np.clip(EYES[eyes] @ linear(color), 0, 1) for color in (one, other)]
    return float(np.linalg.norm(OKLAB @ (np.cbrt(CONES @ seen[0]) - np.cbrt(CONES @ seen[1]))))
