//! Case that alternates within words.

use super::{Disguise, DisguiseKind};
use crate::text::lanes::{BLOCK, Block};

/// Notes words like `tElEgRaM`: hardly two letters in a row are of one case. Camel case has longer stretches.
pub(super) fn alternating_case(source: &str, disguises: &mut Vec<Disguise>) {
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(turned) = turn(bytes, at) {
        let before = bytes[..turned].iter().rposition(|b| !b.is_ascii_alphabetic()).map_or(0, |n| n + 1);
        let end = bytes[turned..].iter().position(|b| !b.is_ascii_alphabetic()).map_or(bytes.len(), |n| turned + n);
        at = before;
        let word = &bytes[at..end];
        let turns = word.windows(2).filter(|w| w[0].is_ascii_lowercase() != w[1].is_ascii_lowercase()).count();
        if (7..=24).contains(&word.len()) && turns * 8 > word.len() * 7 - 7 {
            disguises.push(Disguise { source: at..end, kind: DisguiseKind::AlternatingCase });
        }
        at = end;
    }
}

/// Where, from byte `at` on, a small letter stands before a capital, which most texts do not have at all.
pub(super) fn turn(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(block) = bytes[at..].first_chunk().map(Block::new) {
        let (small, capital) = (block.mask(|v| v.between(b'a', b'z')), block.mask(|v| v.between(b'A', b'Z')));
        match small & capital >> 1 {
            0 => at += BLOCK - 1,
            turns => return Some(at + turns.trailing_zeros() as usize),
        }
    }
    let rest = &bytes[at..];
    rest.windows(2).position(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).map(|n| at + n)
}
