//! What a character folds to where nothing joins it.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, is_nfkc_quick};

use super::{continues, fold_cluster, is_overlay_mark};
use crate::text::map::OffsetMap;

/// What characters fold to where nothing joins them: worked out when each is first met, since hardly any text has more
/// than some hundreds of those that there is room for.
#[derive(Debug)]
pub(super) struct Alone(Box<[AtomicU32]>);

/// What a character folds to alone: the one character, and the bits below.
#[derive(Clone, Copy)]
pub(super) struct Form(u32);

impl Form {
    /// It is worked out.
    const KNOWN: u32 = 1 << 31;
    /// It may join what stands before it.
    const CONTINUES: u32 = 1 << 30;
    /// Marks in order behind it, of which the same is true, change nothing.
    const STAYS: u32 = 1 << 29;
    /// It is dropped or becomes several.
    const NO_CHAR: u32 = 0x3f_ffff;

    fn of(c: char) -> Form {
        // Most of the characters that there are, and the only ones of which a text has hundreds.
        if is_never_folded(c) {
            return Form(Form::KNOWN | Form::STAYS | c as u32);
        }
        let to = alone(c);
        let quiet = to == Some(c) && !is_overlay_mark(c) && is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes;
        Form(
            Form::KNOWN
                | if continues(c) { Form::CONTINUES } else { 0 }
                | if quiet { Form::STAYS } else { 0 }
                | to.map_or(Form::NO_CHAR, |to| to as u32),
        )
    }

    #[inline]
    pub(super) fn to(self) -> Option<char> {
        char::from_u32(self.0 & Form::NO_CHAR)
    }

    #[inline]
    pub(super) fn is_only(self, c: char) -> bool {
        self.0 & Form::NO_CHAR == c as u32
    }

    #[inline]
    pub(super) fn continues(self) -> bool {
        self.0 & Form::CONTINUES != 0
    }
}

impl Alone {
    /// The plane that nearly all text is written in.
    const PLANE: usize = 0x1_0000;
    /// The emoji of the next one.
    const EMOJI: Range<usize> = 0x1_f000..0x1_fc00;

    pub(super) fn new() -> Alone {
        Alone((0..Alone::PLANE + Alone::EMOJI.len()).map(|_| AtomicU32::new(0)).collect())
    }

    #[inline]
    pub(super) fn form(&self, c: char) -> Form {
        match c as usize {
            code @ ..Alone::PLANE => self.held(c, code),
            code if Alone::EMOJI.contains(&code) => self.held(c, Alone::PLANE + code - Alone::EMOJI.start),
            _ => Form::of(c),
        }
    }

    #[inline]
    fn held(&self, c: char, at: usize) -> Form {
        let form = Form(self.0[at].load(Ordering::Relaxed));
        if form.0 == 0 { self.work_out(c, at) } else { form }
    }

    #[cold]
    fn work_out(&self, c: char, at: usize) -> Form {
        let form = Form::of(c);
        self.0[at].store(form.0, Ordering::Relaxed);
        form
    }

    /// Whether a cluster folds to itself: it is normal, and nothing in it is dropped or written otherwise.
    pub(super) fn stays(&self, cluster: &str) -> bool {
        let mut last = 0;
        cluster.chars().all(|c| {
            let class = canonical_combining_class(c);
            let ordered = class == 0 || last <= class;
            last = class;
            ordered && self.form(c).0 & Form::STAYS != 0
        })
    }
}

/// Plain Han and Hangul syllables, which most text that is not ASCII is made of: they stay, and continue nothing.
fn is_never_folded(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// The one character that `c` folds to.
pub(super) fn alone(c: char) -> Option<char> {
    let mut text = String::new();
    let mut source = [0; 4];
    let source = c.encode_utf8(&mut source);
    fold_cluster(source, 0..source.len(), &mut text, &mut OffsetMap::new(), &mut Vec::new());
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}
