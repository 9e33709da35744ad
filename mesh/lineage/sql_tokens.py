"""Parts of statements that sqlglot does not parse: names, lists of columns, the query after `AS`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import Token, TokenType


def without(tokens: list[Token], words: Sequence[str], phrase: Sequence[str]) -> list[Token]:
    """Returns the tokens without a phrase near their beginning."""
    for index in range(len(words) - len(phrase) + 1):
        if list(words[index : index + len(phrase)]) == list(phrase) and index < 3:
            return tokens[:index] + tokens[index + len(phrase) :]
    return tokens


def without_stream(tokens: Sequence[Token]) -> list[Token]:
    """Returns the tokens with `t` in place of `STREAM t` and `STREAM(t)`, which read the same table."""
    kept: list[Token] = []
    closing: list[int] = []
    depth = 0
    for index, token in enumerate(tokens):
        before = tokens[index - 1].text.upper() if index else ""
        if token.text.upper() == "STREAM" and (before in ("FROM", "JOIN") or before.endswith(",")):
            continue
        if token.token_type == TokenType.L_PAREN:
            depth += 1
            if before == "STREAM" and tokens[index - 2].text.upper() in ("FROM", "JOIN", ","):
                closing.append(depth)
                continue
        elif token.token_type == TokenType.R_PAREN:
            depth -= 1
            if closing and closing[-1] == depth + 1:
                closing.pop()
                continue
        kept.append(token)
    return kept


def name_end(tokens: Sequence[Token], start: int) -> int:
    """Returns the index after the name that begins at an index."""
    end = start
    while end < len(tokens) and (end == start or _joined(tokens[end - 1], tokens[end])):
        end += 1
    return end


def _joined(before: Token, token: Token) -> bool:
    """True if two tokens are parts of one name: `a.b`."""
    return (before.token_type == TokenType.DOT) != (token.token_type == TokenType.DOT) and (
        before.end + 1 == token.start
    )


def written(token: Token) -> str:
    """Returns a token as SQL writes it, with backticks if it had some."""
    return f"`{token.text.replace('`', '``')}`" if token.token_type == TokenType.IDENTIFIER else token.text


def column_names(tokens: Sequence[Token], start: int) -> tuple[list[str], int]:
    """Returns the names in the parentheses after a table's name, and the index after them."""
    if start >= len(tokens) or tokens[start].token_type != TokenType.L_PAREN:
        return [], start
    names: list[str] = []
    depth, begins = 0, True
    for index in range(start, len(tokens)):
        token = tokens[index]
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth == 0:
            return names, index + 1
        if begins and index > start:
            if token.text.upper() not in ("CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK"):
                names.append(token.text.lower())
            begins = False
        if depth == 1 and token.token_type == TokenType.COMMA:
            begins = True
    return names, len(tokens)


def after_as(tokens: Sequence[Token], start: int) -> Sequence[Token]:
    """Returns the query after `AS` outside of parentheses; empty if there is none."""
    depth = 0
    for index in range(start, len(tokens)):
        token = tokens[index]
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        begins = tokens[index].text.upper()
        if depth == 0 and begins == "AS" and index + 1 < len(tokens):
            return tokens[index + 1 :]
        if depth == 0 and begins in ("SELECT", "WITH") and tokens[index - 1].token_type == TokenType.R_PAREN:
            return tokens[index:]
    return ()


def copied(tokens: Sequence[Token], words: Sequence[str], start: int) -> str | None:
    """Returns the name of the table that CLONE or LIKE copies."""
    for index in range(start, min(start + 3, len(words))):
        if words[index] in ("CLONE", "LIKE"):
            end = name_end(tokens, index + 1)
            return "".join(map(written, tokens[index + 1 : end]))
    return None
