/*!
What stands around words: the punctuation that opens and closes them, and whether spaces part them.

The build uses this module too, for the table of characters, so it depends on nothing but the scripts.
*/

use unicode_script::Script;

/// Punctuation that may stand before a word.
pub(crate) fn opens(c: char) -> bool {
    matches!(c, '"' | '(' | '「' | '[')
}

/// Punctuation that may stand behind a word.
pub(crate) fn closes(c: char) -> bool {
    matches!(
        c,
        '"' | ')'
            | ']'
            | '」'
            | ':'
            | ','
            | '!'
            | '?'
            | '。'
            | '、'
            | '।'
            | '။'
            | '၊'
            | '។'
            | '៖'
            | '،'
            | '؛'
            | '؟'
    )
}

/// Whether words are written in a script without spaces between them.
pub(crate) fn is_unspaced(script: Script) -> bool {
    matches!(
        script,
        Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Thai
            | Script::Lao
            | Script::Khmer
            | Script::Myanmar
    )
}
