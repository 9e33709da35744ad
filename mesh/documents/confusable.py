"""Confusable names: the letters and combinations of scripts that a name may contain.

People read names, and programs compare them. A name on which both could disagree is refused: a letter of
another script that looks like a Latin one, an invisible letter, two forms of one letter.

Source: Unicode Technical Standard 39, "Unicode Security Mechanisms": single script, whole-script confusables.
"""

from __future__ import annotations

import unicodedata

# Cyrillic and Greek letters that look like Latin ones in most fonts; Unicode's confusables.txt
_LIKE_LATIN = set("аԁеһіјӏорԛѕсуѵԝхАВЕЅІЈКМНОРСТУѴХԜԌαικνορυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧϳ")

# Scripts that are used together; the standard's level "highly restrictive"
_COMBINATIONS = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"},
    {"LATIN", "CJK", "HANGUL"},
    {"LATIN", "CJK", "BOPOMOFO"},
)

# Unicode Standard Annex 31, "Recommended Scripts", by the first word of their letters' names
_SCRIPTS = {
    *("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "ARABIC", "GEORGIAN", "ETHIOPIC", "THAI", "LAO"),
    *("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA"),
    *("HANGUL", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "CJK"),
}


def wrong_letters(name: str) -> str | None:
    """Returns why `name` is confusable, with the remedy; None if it is not.

    Letters such as æ, ø, å, ß and ł are allowed, in their composed form (NFC).
    """
    if name != unicodedata.normalize("NFC", name):
        return "contains a decomposed letter (write it composed: NFC)"
    if name != unicodedata.normalize("NFKC", name):
        return "contains a letter in a special form, such as full width (write the plain letter)"
    letters = [character for character in name if ord(character) > 127 or character.isalpha()]
    if odd := next((letter for letter in letters if not _in_common_use(letter)), None):
        return f"contains U+{ord(odd):04X}, which is not a letter in common use (remove it)"
    scripts = {_script(letter) for letter in letters}
    if len(scripts) > 1 and not any(scripts <= together for together in _COMBINATIONS):
        return f"mixes letters of {' and '.join(sorted(map(str.capitalize, scripts)))} (use one script)"
    if letters and scripts <= {"CYRILLIC", "GREEK"} and _LIKE_LATIN.issuperset(letters):
        script = scripts.pop().capitalize()
        return f"is {script} text that looks like Latin (write it in Latin letters, or choose another name)"
    return None


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


def _in_common_use(letter: str) -> bool:
    """True if the letter is in common use; phonetic, historic and invisible ones are not."""
    code = ord(letter)
    if not letter.isalpha() or _script(letter) not in _SCRIPTS:
        return False
    if _script(letter) == "LATIN":
        # up to Latin Extended-B without its clicks, which look like `!` and `|`, and Vietnamese
        return (code < 0x250 and not 0x1C0 <= code <= 0x1C3) or 0x1E00 <= code <= 0x1EFF
    return "FILLER" not in unicodedata.name(letter)
