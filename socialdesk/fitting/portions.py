"""Long texts in pieces: paragraphs stay whole where they can."""

from __future__ import annotations

from collections.abc import Sequence


def portions(blocks: Sequence[str], most: int) -> list[str]:
    """The blocks in order, an empty line between them, in as few texts of at most `most` characters as that
    takes. A block that is too long by itself is cut, at a space where there is one."""
    found: list[str] = []
    for block in blocks:
        for piece in _pieces(block, most):
            if found and len(found[-1]) + len(piece) + 2 <= most:
                found[-1] = f"{found[-1]}\n\n{piece}"
            else:
                found.append(piece)
    return found


def _pieces(block: str, most: int) -> list[str]:
    pieces = []
    while len(block) > most:
        end = block.rfind(" ", most // 2, most)
        end = most if end < 0 else end
        pieces.append(block[:end].rstrip())
        block = block[end:].lstrip()
    return [*pieces, block]
