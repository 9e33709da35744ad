"""Names that look like other names: which letters a name may hold, and which together.

A name is read by people and compared by machines. Where both could disagree, it is no name: a letter of
another script that looks like a Latin one, an invisible letter, two forms of one letter.

Source: Unicode Technical Standard 39, "Unicode Security Mechanisms": single script, whole-script confusables.
"""

from __future__ import annotations

import unicodedata

# Letters of Cyrillic and Greek that fonts draw like Latin ones; Unicode's confusables.txt
_LIKE_LATIN = set("аԁеһіјӏорԛѕсуѵԝхАВЕЅІЈКМНОРСТУѴХԜԌαικνορυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧϳ")

# Scripts that are written together; the standard's level "highly restrictive"
_TOGETHER = (
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
    """Why `name` could be taken for another one, if it could; with what would be right.

    Letters such as æ, ø, å, ß and ł are letters like others, in their composed form (NFC).
    """
    if name != unicodedata.normalize("NFC", name):
        return "holds a letter in two parts (write it as one: NFC)"
    if name != unicodedata.normalize("NFKC", name):
        return "holds a letter in a special form, such as full width (type it plainly)"
    letters = [character for character in name if ord(character) > 127 or character.isalpha()]
    if odd := next((letter for letter in letters if not _usual(letter)), None):
        return f"holds U+{ord(odd):04X}, which is no letter of everyday writing (leave it out)"
    scripts = {_script(letter) for letter in letters}
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        return f"mixes letters of {' and '.join(sorted(map(str.capitalize, scripts)))} (keep to one script)"
    if letters and scripts <= {"CYRILLIC", "GREEK"} and _LIKE_LATIN.issuperset(letters):
        script = scripts.pop().capitalize()
        return f"is {script} that reads like Latin (write it in Latin letters, or choose another name)"
    return None


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


def _usual(letter: str) -> bool:
    """Whether the letter is of everyday writing; phonetic, historic and invisible ones are not."""
    code = ord(letter)
    if not letter.isalpha() or _script(letter) not in _SCRIPTS:
        return False
    if _script(letter) == "LATIN":
        # up to Latin Extended-B without its clicks, which look like `!` and `|`, and Vietnamese
        return (code < 0x250 and not 0x1C0 <= code <= 0x1C3) or 0x1E00 <= code <= 0x1EFF
    return "FILLER" not in unicodedata.name(letter)
